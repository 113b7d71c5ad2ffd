/** Custom resource definitions can become what the installation ships, and nothing that is stored is lost on the way. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { LABELS } from '../plan/ownership.ts';
import { minorsBehind, parseMinor } from './semver.ts';
import { subjectOf, textsAt } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';

export const definitions = defineCheck({
  name: 'definitions',
  summary: 'Custom resource definitions can be upgraded without losing what is stored.',
  codes: ['MESH0111', 'MESH0112', 'MESH0113', 'MESH0114', 'MESH0115'],
  needs: ['definitions'],
  check: (target, facts) => {
    const wanted = new Map(
      target.desired
        .filter(({ object }) => object.kind === 'CustomResourceDefinition')
        .map(({ object }) => [refKey(refOf(object)), object]),
    );
    return facts.definitions.flatMap((live) => {
      const desired = wanted.get(refKey(refOf(live)));
      return desired ? compareDefinitions(live, desired, target) : [];
    });
  },
});

function compareDefinitions(live: KubeObject, desired: KubeObject, target: PrecheckTarget): Finding[] {
  const resource = subjectOf(live);
  const name = live.metadata.name;
  const findings: Finding[] = [];
  const add = (code: string, message: string, text: string): void => {
    findings.push({ code, message, resource, suggestion: { text } });
  };

  for (const [what, path] of FIXED_FIELDS) {
    const [is, becomes] = [stringAt(live, path), stringAt(desired, path)];
    if (is === becomes) continue;
    add(
      'MESH0111',
      `the ${what} of the definition ${name} is ${is || 'empty'} and would have to become ${becomes || 'empty'}, which can not be changed`,
      `mesh export saves its objects; then delete the definition (and with it the objects), install, and apply them again`,
    );
  }

  const after = new Map(versionsOf(desired).map((version) => [stringAt(version, ['name']), version]));
  const stored = listAt(live, ['status', 'storedVersions']).filter((item) => typeof item === 'string');
  const lost = stored.filter((version) => !after.has(version));
  if (lost.length > 0) {
    const storage = stringAt(
      versionsOf(live).find((version) => version['storage'] === true),
      ['name'],
    );
    add(
      'MESH0112',
      `objects of ${name} may be stored as ${listNames(lost)}, which the new definition does not have; the API server refuses it`,
      `write every object once (kubectl get ${name} -A -o yaml | kubectl replace -f -), then take ${listNames(lost)} out of the status: kubectl patch crd ${name} --subresource=status --type=merge -p '{"status":{"storedVersions":["${storage}"]}}'`,
    );
  }

  const unserved = versionsOf(live)
    .filter((version) => version['served'] === true)
    .map((version) => stringAt(version, ['name']))
    .filter((version) => after.get(version)?.['served'] !== true && !lost.includes(version));
  if (unserved.length > 0) {
    add(
      'MESH0113',
      `${name} is served as ${listNames(unserved)} now and will not be any more`,
      `change the apiVersion of manifests and clients that say ${listNames(unserved.map((version) => `${stringAt(live, ['spec', 'group'])}/${version}`))}`,
    );
  }

  const [before, afterwards] = [live, desired].map(
    (object) => stringAt(object, ['spec', 'conversion', 'strategy']) || 'None',
  );
  if (before !== afterwards) {
    add(
      'MESH0114',
      `objects of ${name} are converted by ${conversionOf(live)} now and by ${conversionOf(desired)} afterwards`,
      'find out who has set the conversion, and whether its webhook is still needed',
    );
  }

  const made = textsAt(live, 'labels')[LABELS.version] ?? '';
  const [madeBy, ours] = [parseMinor(made), parseMinor(target.istioVersion)];
  if (madeBy && ours && minorsBehind(madeBy, ours) < 0) {
    add(
      'MESH0115',
      `the definition ${name} is of Istio ${made}; with that of ${target.istioVersion} fields that objects use may be lost`,
      'use a mesh of the newer version, or keep the definitions with --set values.base.excludedCRDs',
    );
  }
  return findings;
}

/** What the API server never changes. */
const FIXED_FIELDS: readonly (readonly [what: string, path: readonly string[]])[] = [
  ['scope', ['spec', 'scope']],
  ['group', ['spec', 'group']],
  ['plural name', ['spec', 'names', 'plural']],
];

function versionsOf(definition: KubeObject): readonly JsonObject[] {
  return listAt(definition, ['spec', 'versions']).filter(isObject);
}

function conversionOf(definition: KubeObject): string {
  const service = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
  const name = stringAt(definition, [...service, 'name']);
  if (stringAt(definition, ['spec', 'conversion', 'strategy']) !== 'Webhook') return 'nobody';
  return name === '' ? 'a webhook' : `the webhook ${stringAt(definition, [...service, 'namespace'])}/${name}`;
}
