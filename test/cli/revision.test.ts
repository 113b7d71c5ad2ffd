/** `mesh revision` as a process, where it needs no cluster. */
import { expect, test } from '@jest/globals';
import { mesh } from '../support/mesh.ts';

test.each<[string[], RegExp]>([
  [['promote'], /revision/i],
  [['promote', 'canary', '--batch', '0'], /--batch "0" is not a number of workloads\nhint: .*10%/],
  [['promote', 'canary', '--batch', '200%'], /--batch "200%"/],
  [['promote', 'canary', '--pause', 'soon'], /--pause "soon" is not a duration/],
  [['promote', 'canary', '--timeout', '-1s'], /timeout/],
  [['promote', 'canary', '-n', 'shop', '-A'], /namespaces/],
  [['promote', 'canary', '-l', 'team=a', '--from', 'old'], /from|selector/],
  [['abandon'], /revision/i],
  [['abandon', 'canary', '--batch', 'all'], /--batch "all"/],
])('revision %j is a wrong use', async (args, message) => {
  const { code, stderr, stdout } = await mesh(['revision', ...args]);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(code).toBe(64);
});

test('the topic and its commands explain themselves', async () => {
  const { stdout, code } = await mesh(['revision', '--help']);
  expect(stdout).toMatch(/revision list[\s\S]*revision promote|revision abandon[\s\S]*revision list/);
  expect(code).toBe(0);
});
