/** What is wrong in somebody's copy of the addons is told with file and line. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { readAddonFolder } from '../../../../src/adapters/files/addon-folder.ts';
import { thrownBy } from '../../../support/thrown.ts';

const root = mkdtempSync(join(tmpdir(), 'mesh-addons-'));
const addons = join(root, 'manifests/addons');
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  cpSync(join(import.meta.dirname, '../../../../manifests/addons'), addons, { recursive: true });
});

function change(name: string, from: string, to: string): string {
  const file = join(addons, name);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
  return file;
}

test('a folder without addons', () => {
  expect(thrownBy(() => readAddonFolder(join(root, 'manifests')))).toMatchObject({
    code: 'config',
    hint: 'mesh manifest export DIR writes such a folder',
  });
});

test('a key that is not known, with the nearest and its line', () => {
  const file = change('addons.yaml', 'window: {selector: app.k', 'windw: {selector: app.k');
  const error = thrownBy(() => readAddonFolder(root));
  expect(error).toMatchObject({ code: 'config', message: 'unknown setting addons[0].windw' });
  expect(error.hint).toContain('window');
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('windw')) + 1;
  expect(error.position).toEqual({ file, line, column: 5 });
});

test('several entries of a dashboard, all told', () => {
  change('grafana/dashboards/istio-mesh.yaml', 'kind: stat', 'kind: gauge');
  change('grafana/dashboards/istio-mesh.yaml', 'width: 4', 'width: wide');
  const error = thrownBy(() => readAddonFolder(root));
  expect(error.message).toMatch(/^2 entries of .*istio-mesh\.yaml are wrong$/);
  expect(error.details).toHaveLength(2);
  expect(error.details[0]).toMatch(/istio-mesh\.yaml:\d+:\d+: rows\[0\]\.panels\[0\]\.kind must be .*gauge/);
});

test('templates that do not compile, all told', () => {
  change('loki/service.yaml', '${namespace}', '${namespace');
  change('zipkin/service.yaml', '${labels}', '${labels +}');
  const error = thrownBy(() => readAddonFolder(root));
  expect(error.message).toBe('2 manifest files do not compile');
  expect(error.details.join('\n')).toMatch(
    /manifests\/addons\/zipkin\/service\.yaml[^]*manifests\/addons\/loki\/service\.yaml/,
  );
});

test('a template that is not there', () => {
  change(
    'addons.yaml',
    'templates: [rbac.yaml, config.yaml, service.yaml',
    'templates: [role.yaml, config.yaml, service.yaml',
  );
  expect(thrownBy(() => readAddonFolder(root)).message).toMatch(/prometheus\/role\.yaml does not exist$/);
});
