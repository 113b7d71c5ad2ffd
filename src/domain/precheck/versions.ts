/** The way from what runs to what is to be installed is one that Istio supports, for control planes and proxies. */
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatMinor, minorsBehind, parseMinor } from './semver.ts';
import type { MinorVersion } from './semver.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget, RunningControlPlane, RunningVersions } from './types.ts';
import { revisionName } from '../manifest/revision-name.ts';

/** In place one minor version at a time; revisions beside each other may be two apart (Istio documentation, "Upgrade"). */
const STEPS_IN_PLACE = 1;
const STEPS_CANARY = 2;
/** A control plane may be one minor version ahead of its proxies, never behind (Istio documentation, "Supported releases"). */
const PROXY_SKEW = 1;

export const versions = defineCheck({
  name: 'versions',
  summary: 'Running control planes and proxies can be upgraded to this version.',
  codes: ['MESH0181', 'MESH0182', 'MESH0183'],
  needs: ['running'],
  check: (target, { running }) => {
    const version = parseMinor(target.istioVersion);
    if (!version) return [];
    const from = origins(target, running);
    const isInPlace = from.some(({ inPlace }) => inPlace);
    return [
      ...from.flatMap((origin) => checkPath(origin, version, target)),
      // Beside another revision the proxies stay where they are until they are moved.
      ...(isInPlace ? checkProxies(running, version, target) : []),
    ];
  },
});

interface Origin {
  /** `revision default (1.29.1)`. */
  readonly name: string;
  readonly version: MinorVersion;
  readonly inPlace: boolean;
}

function origins({ spec, fromVersion }: PrecheckTarget, running: RunningVersions): Origin[] {
  const given = fromVersion === undefined ? undefined : parseMinor(fromVersion);
  if (given) return [{ name: `Istio ${fromVersion ?? ''}`, version: given, inPlace: true }];
  return running.controlPlane.flatMap((plane: RunningControlPlane): Origin[] => {
    const version = parseMinor(plane.version);
    if (!version) return [];
    const inPlace = plane.revision === revisionName(spec.revision) && plane.namespace === spec.namespace;
    return [{ name: `revision ${plane.revision} (${plane.version})`, version, inPlace }];
  });
}

function checkPath(origin: Origin, target: MinorVersion, { istioVersion }: PrecheckTarget): Finding[] {
  const behind = minorsBehind(origin.version, target);
  const steps = origin.inPlace ? STEPS_IN_PLACE : STEPS_CANARY;
  if (Math.abs(behind) > steps) {
    const next = formatMinor({ ...origin.version, minor: origin.version.minor + Math.sign(behind) * steps });
    const way = origin.inPlace
      ? `go by way of ${next}${Math.abs(behind) <= STEPS_CANARY ? ', or install beside it with --revision NAME' : ''}`
      : `upgrade that revision to ${next} first`;
    return [
      {
        code: 'MESH0181',
        message: `from ${origin.name} to ${istioVersion} it is ${Math.abs(behind)} minor versions, more than ${origin.inPlace ? 'one step in place' : 'may run beside each other'}`,
        suggestion: { text: way },
      },
    ];
  }
  if (behind >= 0 || !origin.inPlace) return [];
  return [
    {
      code: 'MESH0182',
      message: `${origin.name} is newer than ${istioVersion}: this would be a downgrade`,
      suggestion: { text: 'configuration that uses newer fields stops working: mesh analyze tells which' },
    },
  ];
}

function checkProxies(
  running: RunningVersions,
  target: MinorVersion,
  { istioVersion }: PrecheckTarget,
): Finding[] {
  const outside = running.dataPlane.filter(({ version }) => {
    const proxy = parseMinor(version);
    if (!proxy) return false;
    const behind = minorsBehind(proxy, target);
    return behind > PROXY_SKEW || behind < 0;
  });
  if (outside.length === 0) return [];
  const count = outside.reduce((sum, { proxies }) => sum + proxies, 0);
  const names = outside.map(({ version, proxies }) => `${proxies} of ${version}`);
  return [
    {
      code: 'MESH0183',
      message: `${count === 1 ? '1 proxy is' : `${count} proxies are`} outside of what a control plane ${istioVersion} supports: ${listNames(names)}`,
      suggestion: {
        text: 'restart their workloads with the version that runs now before you upgrade: kubectl rollout restart deployment -n NAMESPACE',
      },
    },
  ];
}
