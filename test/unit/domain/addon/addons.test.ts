/** The addons that are shipped, and how any addon becomes objects. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readAddonFolder } from '../../../../src/adapters/files/addon-folder.ts';
import { selectAddons } from '../../../../src/domain/addon/addon.ts';
import type { Addon } from '../../../../src/domain/addon/addon.ts';
import { addonDeclarations, renderAddon } from '../../../../src/domain/addon/render.ts';
import { DASHBOARDS } from '../../../../src/domain/dashboard/dashboards.ts';
import { refKey, refOf } from '../../../../src/domain/manifest/ref.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { ownerOf } from '../../../../src/domain/plan/ownership.ts';
import { checkTemplate, compileTemplate } from '../../../../src/domain/template/index.ts';
import { getAt, listAt, objectAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { parseYamlObject } from '../../../../src/lib/yaml.ts';
import { thrownBy } from '../../../support/thrown.ts';

const addons = readAddonFolder(join(import.meta.dirname, '../../../..'));
const names = addons.map(({ name }) => name);
const presence = (...there: string[]): Record<string, boolean> =>
  Object.fromEntries(names.map((name) => [name, there.includes(name)]));
const render = (
  addon: Addon,
  more: { namespace?: string; present?: Record<string, boolean> } = {},
): KubeObject[] =>
  renderAddon(addon, { namespace: 'mon', istioNamespace: 'mesh', present: presence(...names), ...more });
const podSpec = (deployment: KubeObject): JsonObject => objectAt(deployment, ['spec', 'template', 'spec']);
const ofKind = (objects: readonly KubeObject[], kind: string): KubeObject[] =>
  objects.filter((object) => object.kind === kind);

test('the six, each with what mesh dashboard looks for (facts: `istioctl dashboard`)', () => {
  expect(addons.map(({ name, window }) => [name, window?.selector, window?.port, window?.path])).toEqual([
    ['prometheus', 'app.kubernetes.io/name=prometheus', 9090, '/'],
    ['grafana', 'app.kubernetes.io/name=grafana', 3000, '/'],
    ['kiali', 'app=kiali', 20001, '/kiali'],
    ['jaeger', 'app=jaeger', 16686, '/'],
    ['zipkin', 'app=zipkin', 9411, '/'],
    ['loki', undefined, undefined, undefined],
  ]);
});

test('mesh dashboard says of the same ones that they can be installed, and finds them by the same labels and ports', () => {
  const windows = addons.filter(({ window }) => window).map(({ name, window }) => ({ name, ...window }));
  const installable = DASHBOARDS.filter(({ isInstallable }) => isInstallable).map(
    ({ name, selector, port, pages }) => ({ name, selector, port, path: pages[0] }),
  );
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  expect(installable.sort(byName)).toEqual(windows.sort(byName));
});

test('no object belongs to two addons, in one namespace or in two', () => {
  const all = addons.flatMap((addon) => [...render(addon), ...render(addon, { namespace: 'other' })]);
  const keys = all.map((object) => refKey(refOf(object)));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test('every template and every folder is named in addons.yaml', () => {
  const folder = join(import.meta.dirname, '../../../../manifests/addons');
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).sort()).toEqual([...names].sort());
  for (const { name, templates } of addons) {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.yaml'));
    expect(templates.map(({ file }) => file).sort()).toEqual(
      files.map((file) => `manifests/addons/${name}/${file}`).sort(),
    );
  }
});

test('addons speak only of addons that there are', () => {
  expect(addons.flatMap(({ uses }) => uses).filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(addons.map((addon) => [addon.name, addon] as const))('%s', (name, addon) => {
  const objects = render(addon);
  const [deployment] = ofKind(objects, 'Deployment') as [KubeObject];
  const pod = podSpec(deployment);
  const [container] = listAt(pod, ['containers']) as [JsonObject];
  const labels = objectAt(deployment, ['spec', 'template', 'metadata', 'labels']);

  test('every expression of its templates is good, whichever branch', () => {
    const declarations = addonDeclarations(addons);
    expect(addon.templates.flatMap((template) => checkTemplate(template, declarations))).toEqual([]);
  });

  test('all objects say whose they are', () => {
    for (const object of objects) {
      expect(stringAt(object, ['metadata', 'labels', 'mesh.io/addon'])).toBe(name);
      expect(ownerOf(object)).toBe('mesh');
    }
    const namespaces = new Set(objects.map((object) => stringAt(object, ['metadata', 'namespace'])));
    expect([...namespaces].filter((namespace) => !['', 'mon', 'mesh'].includes(namespace))).toEqual([]);
  });

  test('its image is one version, which the labels tell', () => {
    const images = Object.values(addon.images);
    expect(images).toHaveLength(1);
    expect(images[0]).toMatch(/^(docker|quay)\.io\/[a-z-]+\/[a-z-]+:v?\d+(\.\d+)+$/);
    expect(images[0]?.endsWith(`:${addon.version}`)).toBe(true);
    expect(container['image']).toBe(images[0]);
    expect(labels['app.kubernetes.io/version']).toBe(addon.version);
  });

  test('one pod that asks for little, without rights on its node, outside of the mesh', () => {
    expect(getAt(deployment, ['spec', 'replicas'])).toBe(1);
    expect(listAt(pod, ['containers'])).toHaveLength(1);
    expect(pod['securityContext']).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(objectAt(container, ['resources', 'requests']))).toEqual(['cpu', 'memory']);
    expect(Object.keys(objectAt(container, ['resources', 'limits']))).toEqual(['memory']);
    for (const probe of ['readinessProbe', 'startupProbe']) expect(container[probe]).toBeDefined();
    expect(labels['sidecar.istio.io/inject']).toBe('false');
    expect(pod['serviceAccountName']).toBe(name);
  });

  test('a folder that it mounts is a volume, and every volume is mounted and bounded', () => {
    const mounts = listAt(container, ['volumeMounts']).map((mount) => stringAt(mount, ['name']));
    const volumes = listAt(pod, ['volumes']);
    expect([...new Set(mounts)].sort()).toEqual(volumes.map((volume) => stringAt(volume, ['name'])).sort());
    const maps = ofKind(objects, 'ConfigMap').map(({ metadata }) => metadata.name);
    for (const volume of volumes) {
      const map = stringAt(volume, ['configMap', 'name']);
      if (map === '') expect(stringAt(volume, ['emptyDir', 'sizeLimit'])).toMatch(/^\d+[MG]i$/);
      else expect(maps).toContain(map);
    }
  });

  test('Services and the Deployment select its pods, by ports that these have', () => {
    const isSelected = (selector: JsonObject): boolean =>
      Object.entries(selector).every(([key, value]) => labels[key] === value);
    expect(isSelected(objectAt(deployment, ['spec', 'selector', 'matchLabels']))).toBe(true);
    const ports = listAt(container, ['ports']).map((port) => stringAt(port, ['name']));
    const services = ofKind(objects, 'Service');
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) {
      expect(isSelected(objectAt(service, ['spec', 'selector']))).toBe(true);
      for (const port of listAt(service, ['spec', 'ports']))
        expect(ports).toContain(stringAt(port, ['targetPort']));
    }
    for (const probe of ['readinessProbe', 'startupProbe'])
      expect(ports).toContain(stringAt(container, [probe, 'httpGet', 'port']));
    if (!addon.window) return;
    const [key = '', value] = addon.window.selector.split('=');
    expect(labels[key]).toBe(value);
    const numbers = listAt(container, ['ports']).map((port) => getAt(port, ['containerPort']));
    expect(numbers).toContain(addon.window.port);
  });

  test('it may only read, no secrets, and has a token only where it may anything', () => {
    const rules = [...ofKind(objects, 'ClusterRole'), ...ofKind(objects, 'Role')].flatMap((role) =>
      listAt(role, ['rules']).map((rule) => [role.kind, rule as JsonObject] as const),
    );
    for (const [kind, rule] of rules) {
      const resources = (rule['resources'] as string[]).join();
      expect(resources).not.toMatch(/secrets/);
      if (resources === 'pods/portforward') expect([kind, rule['verbs']]).toEqual(['Role', ['create']]);
      else if (resources === 'tokenreviews') expect(rule['verbs']).toEqual(['create']);
      else expect(rule['verbs']).toEqual(['get', 'list', 'watch']);
    }
    const [account] = ofKind(objects, 'ServiceAccount');
    expect([account?.['automountServiceAccountToken'], pod['automountServiceAccountToken']]).toEqual(
      rules.length > 0 ? [undefined, undefined] : [false, false],
    );
  });

  test('another configuration restarts the pods, the same does not', () => {
    const hashOf = (list: readonly KubeObject[]): string =>
      stringAt(ofKind(list, 'Deployment')[0], [
        'spec',
        'template',
        'metadata',
        'annotations',
        'mesh.io/config',
      ]);
    const changed = {
      ...addon,
      files: Object.fromEntries(Object.keys(addon.files).map((file) => [file, 'other'])),
    };
    expect(hashOf(objects)).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf(render(addon))).toBe(hashOf(objects));
    expect(hashOf(render(changed)) === hashOf(objects)).toBe(Object.keys(addon.files).length === 0);
  });
});

test('prometheus scrapes what says so, with the interval that Grafana is told', () => {
  const config = parseYamlObject(
    addons.find(({ name }) => name === 'prometheus')!.files['prometheus.yml']!,
    'prometheus.yml',
  ).value;
  const grafana = render(addons.find(({ name }) => name === 'grafana')!);
  const text = stringAt(ofKind(grafana, 'ConfigMap')[0], ['data', 'datasources.yaml']);
  const [source] = listAt(JSON.parse(text) as JsonObject, ['datasources']);
  expect(getAt(source, ['jsonData', 'timeInterval'])).toBe(getAt(config, ['global', 'scrape_interval']));
  expect(listAt(config, ['scrape_configs']).map((job) => stringAt(job, ['job_name']))).toEqual([
    'prometheus',
    'pods',
  ]);
});

test('kiali and grafana point only to addons that are there', () => {
  const kiali = addons.find(({ name }) => name === 'kiali')!;
  const configOf = (...there: string[]): JsonObject => {
    const objects = render(kiali, { present: presence('kiali', ...there) });
    const text = stringAt(ofKind(objects, 'ConfigMap')[0], ['data', 'config.yaml']);
    return objectAt(parseYamlObject(text, 'config.yaml').value, ['external_services']);
  };
  expect(configOf()).toMatchObject({ grafana: { enabled: false }, tracing: { enabled: false } });
  expect(configOf('grafana')).toMatchObject({ grafana: { enabled: true }, tracing: { enabled: false } });
  expect(configOf('jaeger', 'grafana')).toMatchObject({
    grafana: { internal_url: 'http://grafana.mon:3000' },
    tracing: { enabled: true, internal_url: 'http://tracing.mon:16685' },
    istio: { root_namespace: 'mesh' },
    prometheus: { url: 'http://prometheus.mon:9090' },
  });
});

test('kiali links to dashboards that grafana has, and to variables that these have', () => {
  const objects = render(addons.find(({ name }) => name === 'kiali')!);
  const text = stringAt(ofKind(objects, 'ConfigMap')[0], ['data', 'config.yaml']);
  const config = parseYamlObject(text, 'config.yaml').value;
  const linked = listAt(config, ['external_services', 'grafana', 'dashboards']);
  const made = Object.values(addons.find(({ name }) => name === 'grafana')!.dashboards).map(
    (json) => JSON.parse(json) as JsonObject,
  );
  expect(linked.map((link) => stringAt(link, ['name'])).sort()).toEqual(
    made.map((dashboard) => stringAt(dashboard, ['title'])).sort(),
  );
  for (const link of linked) {
    const dashboard = made.find((candidate) => candidate['title'] === stringAt(link, ['name']));
    const variables = listAt(dashboard, ['templating', 'list']).map((item) => stringAt(item, ['name']));
    for (const variable of Object.values(objectAt(link, ['variables'])))
      expect(variables.map((name) => `var-${name}`)).toContain(variable);
  }
});

test('names: in the order of the list, each once; unknown ones are told with the nearest', () => {
  expect(selectAddons(addons, ['kiali', 'grafana', 'kiali']).map(({ name }) => name)).toEqual([
    'grafana',
    'kiali',
  ]);
  expect(thrownBy(() => selectAddons(addons, ['kiali', 'lokki']))).toMatchObject({
    code: 'usage',
    message: 'there is no addon "lokki"',
    hint: 'did you mean loki?',
  });
  expect(thrownBy(() => selectAddons(addons, ['a', 'b', 'a']))).toMatchObject({
    message: 'there are no addons "a", "b"',
    hint: 'use prometheus, grafana, kiali, jaeger, zipkin, loki',
  });
});

test('a template that makes no object is refused with its file', () => {
  const broken = { ...addons[0]!, templates: [compileTemplate({ file: 'x.yaml', text: 'kind: Service\n' })] };
  expect(thrownBy(() => render(broken))).toMatchObject({
    code: 'template',
    message: 'a document without apiVersion, kind or metadata.name was rendered',
    position: { file: 'x.yaml' },
  });
});
