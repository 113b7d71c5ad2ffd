/**
 * The injection templates of manifests/istiod/files, executed by a Go program that works as istiod does. Tables of cases are
 * in test/injection/cases, whole expected objects in test/injection/expected.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import {
  prepareGateway,
  preparePod,
  type GatewayCase,
  type PodCase,
  type Run,
} from '../../injection/cases/case.ts';
import { gateways } from '../../injection/cases/gateways.ts';
import { injectedProxy } from '../../injection/cases/injected-proxy.ts';
import { merging } from '../../injection/cases/merge.ts';
import { routerAndGrpc } from '../../injection/cases/router-and-grpc.ts';
import { sidecarProxy } from '../../injection/cases/sidecar-proxy.ts';
import { sidecarTraffic } from '../../injection/cases/sidecar-traffic.ts';
import { container, normalize, withoutEmptyStructs, type Pod } from '../../injection/objects.ts';
import {
  readTemplates,
  runInjection,
  whyNoInjection,
  type InjectionResponse,
  type InjectionResult,
} from '../../injection/runner.ts';
import { referenceValues } from '../../injection/values.ts';
import { find, render, withParsedData } from './istiod/render.ts';
import { annotationsRead, overlayPaths, valuesRead } from '../../injection/contract.ts';

const podCases: readonly PodCase[] = [
  ...sidecarTraffic,
  ...sidecarProxy,
  ...injectedProxy,
  ...routerAndGrpc,
  ...merging,
];
const gatewayCases: readonly GatewayCase[] = gateways;
const allCases = [...podCases, ...gatewayCases];
const runs: readonly Run[] = [...podCases.map(preparePod), ...gatewayCases.map(prepareGateway)];
const bootstrapFolder = '/var/lib/grpc/data';

const reason = whyNoInjection();
if (reason && process.env['CI']) throw new Error(reason);
if (reason) process.stderr.write(`SKIPPED: the tests of the injection templates do not run. ${reason}\n`);
/** The first run on a machine compiles the Kubernetes API. */
const buildTimeoutMs = 10 * 60_000;

(reason ? describe.skip : describe)('injection templates', () => {
  let response: InjectionResponse;
  beforeAll(() => {
    response = runInjection(runs.map((run) => run.input));
  }, buildTimeoutMs);

  test.each(runs.map((run, index) => [run.input.name, run, index] as const))('%s', (_, run, index) => {
    const result = response.results[index]!;
    if (run.fails) {
      expect(result.error).toMatch(run.fails);
      return;
    }
    expect(result.error).toBeUndefined();
    expect(comparable(actual(result), run)).toEqual(comparable(run.expected!, run));
  });

  test.each(Object.entries(valuesRead))('%s reads these values', (template, paths) => {
    expect(response.paths[template]).toEqual([...paths].sort());
  });

  // istiod, or the user's own annotation, would give the same again afterwards; so this looks at the template alone.
  test.each(['sidecar', 'gateway', 'grpc-agent'])(
    '%s names the network and the cluster itself',
    (template) => {
      const pod = injected(`${template}: cluster, network and mesh`);
      expect(container(pod.spec).env).toEqual(
        expect.arrayContaining([
          { name: 'ISTIO_META_NETWORK', value: 'n1' },
          { name: 'ISTIO_META_CLUSTER_ID', value: 'c1' },
        ]),
      );
    },
  );

  test('the sidecar repeats the annotations on interfaces for the CNI plugin', () => {
    expect(injected('sidecar: CNI with everything set by annotations').metadata.annotations).toMatchObject({
      'traffic.sidecar.istio.io/kubevirtInterfaces': 'net1',
      'istio.io/reroute-virtual-interfaces': 'net2',
      'traffic.sidecar.istio.io/excludeInterfaces': 'eth1',
    });
    const empty = injected('sidecar: CNI with empty annotations').metadata.annotations;
    expect(Object.keys(empty).filter((key) => key.endsWith('nterfaces'))).toEqual([]);
    const plain = injected('sidecar: interfaces, the new name wins').metadata.annotations;
    expect(Object.keys(plain).filter((key) => key.endsWith('nterfaces'))).toEqual([]);
  });

  function injected(name: string): Pod {
    const index = runs.findIndex((run) => run.input.name === name);
    return response.results[index]!.injected as unknown as Pod;
  }

  test('the init container of grpc-simple writes the bootstrap file', () => {
    const index = runs.findIndex((run) => run.input.name === 'grpc-simple: defaults');
    const pod = response.results[index]!.pod as unknown as Pod;
    const folder = mkdtempSync(join(tmpdir(), 'mesh-grpc-'));
    try {
      const script = pod.spec.initContainers![0]!.command![2]!.replaceAll(bootstrapFolder, folder);
      const env = { POD_NAME: 'p', POD_NAMESPACE: 'n', INSTANCE_IP: '10.0.0.1', ISTIO_NAMESPACE: 'mesh' };
      const shell = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
      expect(shell).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(readFileSync(join(folder, 'bootstrap.json'), 'utf8'))).toEqual({
        xds_servers: [
          {
            server_uri: 'dns:///istiod.mesh.svc:15010',
            channel_creds: [{ type: 'insecure' }],
            server_features: ['xds_v3'],
          },
        ],
        node: { id: 'sidecar~10.0.0.1~p.n~cluster.local', metadata: { GENERATOR: 'grpc' } },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the cases', () => {
  test('have names of their own', () => {
    const names = runs.map((run) => run.input.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(Object.entries(valuesRead))('change every value that %s reads', (template, paths) => {
    const changed = allCases
      .filter((one) => one.template === template)
      .flatMap((one) => overlayPaths(one.values));
    const untested = paths.filter(
      (path) => !changed.some((one) => one === path || one.startsWith(`${path}.`)),
    );
    expect(untested).toEqual([]);
  });

  test.each(Object.entries(annotationsRead))(
    'give every annotation and label that %s reads',
    (template, keys) => {
      const given = runs
        .filter((run) => run.input.name.startsWith(`${template}: `))
        .map((run) => JSON.stringify(run.input.pod ?? run.input.gateway));
      expect(keys.filter((key) => !given.some((text) => text.includes(`"${key}":`)))).toEqual([]);
    },
  );
});

test('the values that mesh gives istiod hold the defaults of the cases', () => {
  const { data } = withParsedData(find(render(), 'ConfigMap', 'istio-sidecar-injector'));
  expect(data).toMatchObject({ values: referenceValues });
});

test('the templates survive as literal blocks of YAML', () => {
  for (const text of Object.values(readTemplates())) expect(text).not.toMatch(/\t|[ ]$/m);
});

/** Objects by kind, or the pod. */
function actual(result: InjectionResult): JsonValue {
  if (result.pod !== undefined) return result.pod;
  const key = (object: JsonObject): string => {
    const kind = object['kind'] as string;
    return kind.charAt(0).toLowerCase() + kind.slice(1);
  };
  return Object.fromEntries((result.objects ?? []).map((object) => [key(object), object]));
}

/** Gateways keep their text to the letter; pods have been through Go's types. The script has a test of its own. */
function comparable(value: JsonValue, run: Run): JsonValue {
  if (!run.input.pod) return normalize(value);
  const pod = withoutEmptyStructs(normalize(value)) as unknown as Pod;
  const bootstrap = pod.spec.initContainers?.find((one) => one.name === 'grpc-bootstrap-init');
  if (bootstrap?.command) bootstrap.command[2] = 'SCRIPT';
  return pod as unknown as JsonValue;
}
