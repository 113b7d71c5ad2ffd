import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createContext } from '../../../../../src/domain/analysis/context.ts';
import { KINDS } from '../../../../../src/domain/analysis/kinds.ts';
import { RULES } from '../../../../../src/domain/analysis/rules/index.ts';
import type { Resource } from '../../../../../src/domain/analysis/types.ts';
import type { JsonObject, JsonValue } from '../../../../../src/lib/json.ts';

/** Names that rules look for, so that random trees reach their code. */
const KEYS =
  'spec host hosts http tls tcp route match headers destination mirror mirrors subset subsets port ports number name namespace gateways servers selector matchLabels workloadSelector labels trafficPolicy portLevelSettings mode credentialName credentialNames exportTo endpoints addresses rules from source namespaces template metadata containers env data stringData metrics tracing accessLogging providers configPatches patch targetRefs webhooks clientConfig'.split(
    ' ',
  );

const value = fc.letrec<{ tree: JsonValue; map: JsonObject }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonValue>(
      'a',
      '',
      '*',
      '*.b.c',
      'a/b',
      'mesh',
      '.',
      '~',
      null,
      0,
      80,
      -1,
      true,
      'SIMPLE',
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(fc.constantFrom(...KEYS, '__proto__', 'constructor'), tie('tree'), { maxKeys: 6 }),
})).map;

const resource = fc
  .record({
    kind: fc.constantFrom(...KINDS.values()),
    name: fc.constantFrom('a', 'b', ''),
    namespace: fc.constantFrom('a', 'b', 'istio-system', ''),
    labels: fc.dictionary(fc.constantFrom('app', 'istio', 'name'), fc.constantFrom('a', 'istiod', '')),
    spec: value,
    status: value,
  })
  .map(({ kind, ...rest }): Resource => ({
    ...rest,
    kind: kind.kind,
    group: kind.group,
    version: 'v1',
    annotations: rest.labels,
    raw: { spec: rest.spec, ...rest.spec },
    cluster: '',
  }));

test('no rule throws, whatever stands in a spec', () => {
  fc.assert(
    fc.property(
      fc.array(resource, { maxLength: 12 }),
      value,
      value,
      (resources, meshConfig, meshNetworks) => {
        const settings = { meshConfig, meshNetworks, istioNamespace: 'istio-system', nowMs: 0 };
        const context = createContext(resources, settings, { knownKinds: [...KINDS.keys()] });
        for (const rule of RULES) {
          for (const { message } of rule.check(context)) {
            expect(message).not.toMatch(/undefined|\[object/);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
