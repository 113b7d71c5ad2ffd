/** Words as istioctl's users write them, for oclif. */
import { expect, test } from '@jest/globals';
import { Flags } from '@oclif/core';
import { asOclifWords } from '../../../src/cli/base-command.ts';

const flags = {
  'use-kube': Flags.boolean({ char: 'k', allowNo: true }),
  'all-namespaces': Flags.boolean({ char: 'A' }),
  set: Flags.string({ char: 's' }),
};

test.each([
  ['--use-kube=false', '--no-use-kube'],
  ['--use-kube=true', '--use-kube'],
  ['-k=false', '--no-use-kube'],
  ['-k=true', '--use-kube'],
  ['-A=true', '--all-namespaces'],
  ['--all-namespaces=false', ''],
  ['-s=true', '-s=true'],
  ['--set=true', '--set=true'],
  ['-x=true', '-x=true'],
  ['--color file.yaml', '--color=always file.yaml'],
  ['--color', '--color=always'],
  ['--color never', '--color never'],
  ['--color=false', '--color=never'],
  ['--color=true', '--color=always'],
  ['--color=auto', '--color=auto'],
  ['-A -- --color -k=false', '-A -- --color -k=false'],
])('%s', (given, expected) => {
  expect(asOclifWords(given.split(' '), flags).join(' ')).toBe(expected);
});
