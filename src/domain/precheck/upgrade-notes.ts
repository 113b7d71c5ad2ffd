/** What behaves differently after an upgrade from the version that runs, or that the user names. */
import { stringAt } from '../../lib/json.ts';
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatMinor, minorsBehind, parseMinor } from './semver.ts';
import type { MinorVersion } from './semver.ts';
import { subjectOf } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckFacts, PrecheckTarget } from './types.ts';
import { revisionName } from '../manifest/revision-name.ts';

export const upgradeNotes = defineCheck({
  name: 'upgrade-notes',
  summary: 'Defaults that change between the running version and this one.',
  codes: ['IST0169', 'MESH0184'],
  needs: ['running', 'live'],
  check: (target, facts) => {
    const from = versionBefore(target, facts);
    if (!from) return [];
    return [...changedDefaults(from, target), ...zipkin(from, facts.live)];
  },
});

/** What the user says, else the control plane that would be upgraded in place. */
function versionBefore(
  { fromVersion, spec }: PrecheckTarget,
  { running }: Pick<PrecheckFacts, 'running'>,
): MinorVersion | undefined {
  if (fromVersion !== undefined) return parseMinor(fromVersion);
  const plane = running.controlPlane.find(
    ({ revision, namespace }) => revision === revisionName(spec.revision) && namespace === spec.namespace,
  );
  return plane && parseMinor(plane.version);
}

function changedDefaults(from: MinorVersion, target: PrecheckTarget): Finding[] {
  const to = parseMinor(target.istioVersion);
  if (!to || minorsBehind(from, to) <= 0) return [];
  const version = formatMinor(from);
  const names = target.changedDefaults[version] ?? [];
  const isKept = stringAt(target.spec.values, ['compatibilityVersion']) === version;
  if (names.length === 0 || isKept) return [];
  return [
    {
      code: 'MESH0184',
      message: `from ${version} to ${formatMinor(to)} ${names.length === 1 ? 'a default changes' : `${names.length} defaults change`}: ${listNames(names, 8)}`,
      suggestion: { text: `keep the old ones for now with --set compatibilityVersion=${version}` },
    },
  ];
}

/** Until 1.21 the default tracer was a Service of this name (facts, `experimental precheck`). */
function zipkin(from: MinorVersion, live: PrecheckFacts['live']): Finding[] {
  if (minorsBehind(from, { major: 1, minor: 21 }) < 0) return [];
  const service = live.find(
    (object) =>
      object.kind === 'Service' &&
      object.metadata.name === 'zipkin' &&
      stringAt(object, ['metadata', 'namespace']) === 'istio-system',
  );
  if (!service) return [];
  return [
    {
      code: 'IST0169',
      message: 'traces were sent to Service istio-system/zipkin by default until 1.21, and are not any more',
      resource: subjectOf(service),
      suggestion: {
        text: 'name it in meshConfig.extensionProviders and a Telemetry, or keep the old way with --set meshConfig.defaultConfig.tracing.zipkin.address=zipkin.istio-system:9411',
      },
    },
  ];
}
