import { expect, test } from '@jest/globals';
import type { AddonSummary } from '../../../src/app/addon-records.ts';
import type { AddonPlan } from '../../../src/app/addons.ts';
import type { Addon } from '../../../src/domain/addon/addon.ts';
import type { AddonRecord } from '../../../src/domain/addon/record.ts';
import type { KubeObject, ObjectRef } from '../../../src/domain/manifest/types.ts';
import type { Change, Plan } from '../../../src/domain/plan/plan.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import {
  addonInstallToJson,
  addonRemovalToJson,
  adviseAfterInstall,
  formatAddonPlans,
  formatAddonRecords,
  formatAddonRemoval,
  formatAddons,
} from '../../../src/report/addon-text.ts';

const addon = (name: string, more: Partial<Addon> = {}): Addon => ({
  name,
  version: '1.0',
  summary: `what ${name} does`,
  images: {},
  selector: {},
  uses: [],
  templates: [],
  files: {},
  dashboards: {},
  ...more,
});

const window = { selector: 'app=kiali', port: 20001, path: '/kiali' };
const grafana = addon('grafana', { uses: ['prometheus', 'loki'] });
const kiali = addon('kiali', { uses: ['prometheus', 'grafana'], window });
const loki = addon('loki', { note: 'nothing sends logs by itself' });

const ref = (kind: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind, name, namespace: 'mon' });
const change = (action: Change['action'], kind: string, name: string): Change => ({
  action,
  component: 'Addon',
  ref: ref(kind, name),
});
const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mon' } };
const record = (name: string, items: readonly ObjectRef[] = []): AddonRecord => ({
  name,
  version: '1.0',
  namespace: 'mon',
  items,
});
const planOf = (target: Addon, plan: Pick<Plan, 'namespaces' | 'changes' | 'prune'>): AddonPlan => ({
  addon: target,
  plan: { ownNamespaces: [], ...plan },
  record: record(target.name),
  previous: undefined,
});

const summaries: readonly AddonSummary[] = [
  {
    name: 'kiali',
    version: '2.0',
    summary: 'graph',
    window,
    installed: [
      { namespace: 'a', version: '1.0' },
      { namespace: 'b', version: '2.0' },
    ],
  },
  { name: 'loki', version: '3.6', summary: 'logs', window: undefined, installed: [] },
  { name: 'old', summary: 'not known', installed: [{ namespace: 'a', version: '0.1' }] },
];

test('the list: a line for each place', () => {
  expect(formatAddons(summaries, 'text', PLAIN)).toBe(
    [
      'NAME   VERSION  INSTALLED  NAMESPACE  WINDOW                WHAT IT DOES',
      'kiali  2.0      1.0        a          mesh dashboard kiali  graph',
      'kiali  2.0      2.0        b          mesh dashboard kiali  graph',
      'loki   3.6      -          -          -                     logs',
      'old    -        0.1        a          -                     not known',
      '',
    ].join('\n'),
  );
});

test('the list for scripts, without keys that have no value', () => {
  const json = JSON.parse(formatAddons(summaries, 'json', PLAIN)) as unknown[];
  expect(json).toEqual([
    summaries[0],
    { name: 'loki', version: '3.6', summary: 'logs', installed: [] },
    summaries[2],
  ]);
  expect(formatAddons(summaries, 'yaml', PLAIN)).toContain(
    '- name: loki\n  summary: logs\n  installed: []\n',
  );
});

test('plans: addon by addon, namespaces once, totals of all', () => {
  const plans = [
    planOf(grafana, {
      namespaces: [namespace],
      changes: [change('create', 'Service', 'grafana'), change('unchanged', 'ConfigMap', 'grafana')],
      prune: [{ ...ref('Secret', 'gone'), component: 'Addon' }],
    }),
    planOf(loki, { namespaces: [namespace], changes: [change('unchanged', 'Service', 'loki')], prune: [] }),
    planOf(kiali, { namespaces: [], changes: [change('update', 'Deployment', 'kiali')], prune: [] }),
  ];
  expect(formatAddonPlans(plans, PLAIN)).toBe(
    [
      '+ Namespace mon',
      'grafana 1.0',
      '  + Service mon/grafana',
      '  - Secret mon/gone',
      'kiali 1.0',
      '  ~ Deployment mon/kiali',
      '2 to create, 1 to update, 1 to delete, 2 unchanged',
      '',
    ].join('\n'),
  );
  expect(
    addonInstallToJson({ plans, written: 3, present: [], outdated: [] }, true, { GET: 1 }),
  ).toMatchObject({
    dryRun: true,
    written: 3,
    requests: { GET: 1 },
    addons: [
      { name: 'grafana', version: '1.0', namespace: 'mon', plan: { totals: { create: 2, unchanged: 1 } } },
      { name: 'loki' },
      { name: 'kiali', plan: { changes: [{ action: 'update', kind: 'Deployment' }] } },
    ],
  });
});

test('after an install: windows, notes, what lacks, who else should be told', () => {
  const none = { namespaces: [], changes: [], prune: [] };
  const advise = (target: Addon, present: string[], outdated: string[] = [], where = ''): string[] =>
    adviseAfterInstall({ plans: [planOf(target, none)], present, outdated }, where);
  expect(advise(kiali, ['kiali'], [], ' -n mon')).toEqual([
    'look at kiali with: mesh dashboard kiali -n mon',
    'kiali can show data of prometheus and grafana: mesh addon install prometheus grafana -n mon',
  ]);
  expect(advise(loki, ['grafana', 'kiali', 'loki'], ['grafana'])).toEqual([
    'loki: nothing sends logs by itself',
    'grafana does not know its new neighbours yet: mesh addon install grafana',
  ]);
  expect(advise(grafana, ['grafana', 'loki', 'prometheus'])).toEqual([]);
});

test('a removal: what will go, what went, what stayed', () => {
  const records = [
    record('kiali', [ref('Service', 'kiali'), { apiVersion: 'v1', kind: 'ClusterRole', name: 'k' }]),
  ];
  expect(formatAddonRecords(records, PLAIN)).toBe(
    'kiali 1.0 in mon\n  - Service mon/kiali\n  - ClusterRole k\n',
  );
  expect(formatAddonRecords([], PLAIN)).toBe('mesh has installed no addon here\n');
  const result = {
    records: [record('loki'), record('prometheus')],
    deleted: 1,
    kept: [ref('Service', 'loki')],
    namespacesDeleted: ['mon'],
    outdated: [{ name: 'grafana', namespace: 'mon' }],
  };
  expect(formatAddonRemoval(result)).toEqual([
    'removed loki and prometheus: 1 object',
    'kept Service mon/loki: it belongs to somebody else by now',
    'removed the empty namespace mon',
    'grafana still asks for neighbours that are gone: mesh addon install grafana -n mon',
  ]);
  expect(addonRemovalToJson(result, false)).toMatchObject({
    dryRun: false,
    deleted: 1,
    namespacesDeleted: ['mon'],
  });
  const none = { records: [], deleted: 0, kept: [], namespacesDeleted: [], outdated: [] };
  expect(formatAddonRemoval(none)).toEqual(['nothing to do: mesh has installed no addon here']);
});
