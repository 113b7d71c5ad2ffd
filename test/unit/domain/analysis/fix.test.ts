import { expect, test } from '@jest/globals';
import { analyzeResources } from '../../../../src/domain/analysis/analyze.ts';
import { fixFindings, replacementOf } from '../../../../src/domain/analysis/fix.ts';
import { loadFiles } from '../../../../src/domain/analysis/load.ts';
import { listRules } from '../../../../src/domain/analysis/registry.ts';
import type { Message } from '../../../../src/domain/analysis/types.ts';
import { DEFAULT_MESH_CONFIG } from '../../../support/analysis.ts';

const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n';
const ROUTES = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: default}
spec:
  hosts: [web.shop.svc.cluster.local]
  http:
    - fault:
        delay: # slow
          percent: 10 # ten
          fixedDelay: 5s
      route:
        - destination: {host: web.shop} # short
`;
const SIDECAR = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: s, namespace: default}
spec:
  outbound_traffic_policy:
    mode: ALLOW_ANY
    egress_proxy: {host: a, port: {number: 1}} # why
  # the end
  egress: [{hosts: ["./*"]}]
`;

function analyze(name: string, text: string): readonly Message[] {
  const { resources, problems } = loadFiles([{ name, text }], { defaultNamespace: 'default' });
  expect(problems).toEqual([]);
  const settings = { meshConfig: DEFAULT_MESH_CONFIG, meshNetworks: {}, istioNamespace: 'istio-system' };
  return analyzeResources({ rules: listRules(), resources, settings }).messages;
}

test('repairs several documents, keeps comments, and leaves nothing to repair', () => {
  const text = `# head\n${SERVICE}---\n${ROUTES}---\n${SIDECAR}`;
  const [fixed, ...others] = fixFindings(analyze('a.yaml', text));
  expect(others).toEqual([]);
  expect(fixed?.messages.map(({ code }) => code).sort()).toEqual(['IST0002', 'IST0002', 'IST0101']);
  expect(fixed?.before).toBe(text);
  expect(fixed?.after).toBe(
    text
      .replace('percent: 10 # ten', 'percentage: {value: 10} # ten')
      .replace('{host: web.shop} #', '{host: web.shop.svc.cluster.local} #')
      .replace('    egress_proxy: {host: a, port: {number: 1}} # why\n', ''),
  );
  expect(fixFindings(analyze('a.yaml', fixed?.after ?? ''))).toEqual([]);
});

const rule = (http: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: default}
spec:
  hosts: [web.shop.svc.cluster.local]
  http:
${http}`;

test('a misspelt field gets its name', () => {
  const text = rule(`    - timout: 5s # long
      Retries: {atempts: 3}
      route:
        - destination: {host: web.shop.svc.cluster.local}
`);
  const [fixed] = fixFindings(analyze('a.yaml', text));
  expect(fixed?.after).toBe(text.replace('timout', 'timeout').replace('Retries', 'retries'));
  // What was not looked at before is looked at now.
  const [again] = fixFindings(analyze('a.yaml', fixed?.after ?? ''));
  expect(again?.after).toBe(
    text.replace('timout', 'timeout').replace('Retries', 'retries').replace('atempts', 'attempts'),
  );
});

test.each([
  ['the name is there already', '- {timeout: 5s, timout: 6s, redirect: {uri: /}}'],
  ['another kind of value', '- {routes: {a: b}, redirect: {uri: /}}'],
  ['two letters differ', '- {tiemuot: 5s, redirect: {uri: /}}'],
])('a misspelt field is left alone where %s', (_why, http) => {
  expect(fixFindings(analyze('a.yaml', rule(`    ${http}\n`)))).toEqual([]);
});

test('items of a list, JSON', () => {
  const list = `kind: List\nitems:\n- ${SERVICE.replaceAll('\n', '\n  ').trimEnd()}\n- ${ROUTES.replaceAll('\n', '\n  ')}\n`;
  const [fixed] = fixFindings(analyze('a.yaml', list));
  expect(fixed?.after).toContain('{host: web.shop.svc.cluster.local} # short');
  const json = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 's' },
    spec: { outboundTrafficPolicy: { egressProxy: { host: 'a' } } },
  });
  expect(fixFindings(analyze('a.json', json))).toEqual([]);
});

test('standard input is not repaired', () => {
  expect(fixFindings(analyze('-', SIDECAR))).toEqual([]);
});

test('the change of one finding by offsets', () => {
  const text = `${SERVICE}---\n${SIDECAR}`;
  const [change, ...others] = analyze('a.yaml', text).flatMap((message) => replacementOf(message) ?? []);
  expect(others).toEqual([]);
  const repaired = text.slice(0, change!.start) + change!.text + text.slice(change!.end);
  expect(repaired).toBe(fixFindings(analyze('a.yaml', text))[0]?.after);
  expect(analyze('-', SIDECAR).flatMap((message) => replacementOf(message) ?? [])).toEqual([]);
});
