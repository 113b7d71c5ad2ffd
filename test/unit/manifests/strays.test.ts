/** No stray keys: every value that a user may set is read by something, and templates read nothing that no schema knows. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { readShippedFolder } from '../../../src/adapters/files/bundle-folder.ts';
import { childNode, resolveNode, toSchema } from '../../../src/domain/config/schema.ts';
import type { Schema, SchemaNode } from '../../../src/domain/config/schema.ts';
import type { BundleComponent } from '../../../src/domain/manifest/bundle.ts';
import { collectValuePaths } from '../../../src/domain/template/index.ts';

const { bundle, catalog } = readShippedFolder(fileURLToPath(new URL('../../..', import.meta.url)));
/** Ingress and egress gateways share a folder. */
const components = bundle.components.filter(
  ({ folder }, index, all) => all.findIndex((other) => other.folder === folder) === index,
);

/** Settings of `spec.values` that code reads, not templates. */
const READ_BY_CODE: Readonly<Record<string, string>> = {
  'base.enableCRDTemplates': 'domain/manifest/definitions.ts',
  'base.excludedCRDs': 'domain/manifest/definitions.ts',
  'gateways.istio-ingressgateway.enabled': 'domain/config/instances.ts: switches all of the list on',
  'gateways.istio-egressgateway.enabled': 'domain/config/instances.ts: switches all of the list on',
  profile: 'domain/manifest/values.ts: names a value set',
  compatibilityVersion: 'domain/manifest/values.ts: names a value set',
  'pilot.cni.enabled': 'injection templates, as (.Values.pilot).cni',
  'pilot.cni.provider': 'injection templates, as (.Values.pilot).cni',
  'sidecarInjectorWebhook.rewriteAppHTTPProbe': 'istiod, in the values of the injector',
};

/** Settings that Istio accepts and that have no effect there either; old files carry them. */
const WITHOUT_EFFECT = [
  'base.enableIstioConfigCRDs',
  'base.validateGateway',
  'cni.ambient.configDir',
  'cni.enabled',
  'cni.logLevel',
  'cni.privileged',
  'cni.psp_cluster_role',
  'cni.repair.hub',
  'cni.repair.image',
  'cni.repair.tag',
  'cni.rollingMaxUnavailable',
  'gateways.enabled',
  'gateways.istio-egressgateway.hub',
  'gateways.istio-egressgateway.memory.targetAverageUtilization',
  'gateways.istio-egressgateway.name',
  'gateways.istio-ingressgateway.hub',
  'gateways.istio-ingressgateway.memory.targetAverageUtilization',
  'gateways.istio-ingressgateway.name',
  'global.jwtPolicy',
  'global.multiCluster.enabled',
  'global.multiCluster.globalDomainSuffix',
  'global.multiCluster.includeEnvoyFilter',
  'global.podDNSSearchNamespaces',
  'global.proxy.enableCoreDump',
  'global.proxy_init.resources.limits',
  'global.proxy_init.resources.requests',
  'global.revision',
  'istio_cni.chained',
  'istio_cni.enabled',
  'istio_cni.provider',
  'pilot.cni.chained',
  // components.pilot.enabled decides.
  'pilot.enabled',
  // istiodRemote.injectionURL is the one that is read.
  'sidecarInjectorWebhook.injectionURL',
];

/** Reads that no schema names on purpose. */
const READ_FREELY: Readonly<Record<string, string>> = {
  'global.tracer.stackdriver[]': 'a computed key of a closed map',
  'gateways.istio-egressgateway.ingressPorts': 'both kinds of gateway share a template',
  'gateways.istio-ingressgateway.egressPorts': 'both kinds of gateway share a template',
};

/** Maps that a template passes on as a whole, which is not the same as reading what is in them. */
const PASSED_ON = new Set(['', 'global', 'sidecarInjectorWebhook', 'gateways', 'pilot', 'ztunnel', 'cni']);

/** Where the values of a component stand in `spec.values`. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  istiod: ['', 'pilot.'],
  cni: ['', 'cni.'],
  ztunnel: ['ztunnel.', 'global.'],
};

/** `a[].b` and `a["b.c"]` as keys. */
function keysOf(path: string): string[] {
  const keys = path.matchAll(/\["([^"]*)"\]|(\[\])|([^.[\]]+)/g);
  return [...keys].map(([, quoted, item, plain]) => quoted ?? item ?? plain ?? '');
}

function readByTemplates({ templates, tagTemplates }: BundleComponent): string[] {
  const found = [...templates, ...(tagTemplates ?? [])].flatMap((template) => [
    ...collectValuePaths(template),
    ...collectValuePaths(template, 'merged'),
  ]);
  return [...new Set(found)].filter((path) => !PASSED_ON.has(path)).sort();
}

/** What injection templates read: `.Values.a.b`, and `$global.b`, which is an item of `.Values.global` in all of them. */
function readByInjection(): string[] {
  const texts = components.flatMap(({ files }) => Object.values(files)).join('\n');
  const alias: Readonly<Record<string, string>> = {
    $global: 'global',
    $proxy: 'global.proxy',
    $waypoint: 'global.waypoint',
  };
  const paths = [...texts.matchAll(/(?:\.Values|(\$global|\$proxy|\$waypoint))\.(\w+(?:\.\w+)*)/g)].map(
    ([, name, path = '']) => (name === undefined ? path : `${alias[name] ?? ''}.${path}`),
  );
  return [...new Set(paths)].filter((path) => !PASSED_ON.has(path) && path !== 'global.proxy');
}

/** Everything below a node that has no named keys of its own. */
function leaves(schema: Schema, node: SchemaNode, path: readonly string[] = []): string[][] {
  const { properties } = resolveNode(schema, node);
  if (!properties) return [[...path]];
  return Object.entries(properties).flatMap(([key, child]) => leaves(schema, child, [...path, key]));
}

const startsWith = (keys: readonly string[], start: readonly string[]): boolean =>
  start.every((key, index) => keys[index] === key || key === '[]' || keys[index] === '[]');

function isInSchema(schema: Schema, path: string): boolean {
  let node: SchemaNode | undefined = resolveNode(schema, schema.root);
  for (const key of keysOf(path)) {
    if (!node) return false;
    // `[]` stands for an item of a list or for any entry of a map.
    node = key === '[]' ? resolveNode(schema, node.items ?? {}) : childNode(schema, node, key);
  }
  return node !== undefined;
}

test('every setting of spec.values is read by a template, an injection template, code, or is known to have no effect', () => {
  const schema = toSchema(catalog.schema);
  const reads = [
    ...components.flatMap((component) =>
      readByTemplates(component).flatMap((path) =>
        (ROOTS[component.folder] ?? ['']).map((root) => root + path),
      ),
    ),
    ...readByInjection(),
  ].map(keysOf);
  const unread = leaves(schema, schema.definitions['values']!).filter(
    (leaf) => !reads.some((read) => startsWith(leaf, read) || startsWith(read, leaf)),
  );
  const known = [...Object.keys(READ_BY_CODE), ...WITHOUT_EFFECT];
  expect(unread.map((leaf) => leaf.join('.')).sort()).toEqual(known.sort());
});

test.each(components.map((component) => [component.folder, component] as const))(
  'every value that a template of %s reads is in the schema of its component',
  (_, component) => {
    const schema = toSchema(component.schema);
    const strays = readByTemplates(component).filter(
      (path) => !isInSchema(schema, path) && !Object.keys(READ_FREELY).some((free) => path.startsWith(free)),
    );
    expect(strays).toEqual([]);
  },
);
