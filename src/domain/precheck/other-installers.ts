/** Objects of the installation belong to nobody else, and no other installer has put Istio here. */
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { foreignOwner, LABELS, ownerOf } from '../plan/ownership.ts';
import type { Owner } from '../plan/ownership.ts';
import { subjectOf, textsAt } from './subject.ts';
import { defineCheck } from './types.ts';

export const otherInstallers = defineCheck({
  name: 'other-installers',
  summary: 'No object of the installation belongs to istioctl, Helm or somebody else.',
  codes: ['MESH0141', 'MESH0142'],
  needs: ['live', 'definitions'],
  check: (target, facts) => {
    const wanted = new Set(target.desired.map(({ object }) => refKey(refOf(object))));
    const all = uniqueObjects([...facts.definitions, ...facts.live]);
    const inTheWay = all.filter(
      (object) => wanted.has(refKey(refOf(object))) && foreignOwner(object, 'never') !== undefined,
    );
    const collisions = groupByInstallation(inTheWay);
    const others = groupByInstallation(
      all.filter((object) => !wanted.has(refKey(refOf(object))) && isForeignIstio(object)),
    );
    return [
      ...[...collisions].map(([installation, objects]) => describeCollision(installation, objects)),
      // What collides is told already; the rest of the same installation is no news.
      ...[...others]
        .filter(([installation]) => !collisions.has(installation))
        .map(([installation, objects]) => describeOther(installation, objects)),
    ];
  },
});

function uniqueObjects(objects: readonly KubeObject[]): KubeObject[] {
  return [...new Map(objects.map((object) => [refKey(refOf(object)), object])).values()];
}

/** By what people would call it: `Helm release istio-system/istiod`. Sorted. */
function groupByInstallation(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = Map.groupBy(objects, installationOf);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const OWNERS: Readonly<Record<Owner, string>> = {
  mesh: 'another installation of mesh',
  istioctl: 'istioctl',
  helm: 'Helm',
  other: 'nobody that mesh knows',
};

function installationOf(object: KubeObject): string {
  const owner = ownerOf(object);
  if (owner === 'helm') {
    const annotations = textsAt(object, 'annotations');
    const place = annotations['meta.helm.sh/release-namespace'];
    return `Helm (release ${place === undefined ? '' : `${place}/`}${annotations['meta.helm.sh/release-name'] ?? ''})`;
  }
  if (owner !== 'istioctl') return OWNERS[owner];
  const version = textsAt(object, 'labels')[LABELS.version];
  return version === undefined ? OWNERS.istioctl : `istioctl (${version})`;
}

/** Whether `object` is part of an Istio that istioctl or Helm has installed. */
function isForeignIstio(object: KubeObject): boolean {
  const labels = textsAt(object, 'labels');
  switch (ownerOf(object)) {
    case 'istioctl':
      return true;
    case 'helm':
      return (
        labels['app.kubernetes.io/part-of'] === 'istio' ||
        /^(?:base|istiod|gateway|cni|ztunnel|ambient)-\d/.test(labels['helm.sh/chart'] ?? '')
      );
    case 'mesh':
    case 'other':
      return false;
  }
}

function examples(objects: readonly KubeObject[]): string {
  return listNames(objects.map((object) => formatRef(refOf(object))).sort(), 3);
}

function count(objects: readonly KubeObject[]): string {
  return objects.length === 1 ? '1 object' : `${objects.length} objects`;
}

function describeCollision(installation: string, objects: readonly KubeObject[]): Finding {
  const mode = objects.every((object) => ownerOf(object) === 'other') ? 'unowned' : 'all';
  const [first] = objects;
  return {
    code: 'MESH0142',
    message: `${count(objects)} of this installation ${objects.length === 1 ? 'belongs' : 'belong'} to ${installation}: ${examples(objects)}`,
    resource: first && subjectOf(first),
    suggestion: {
      text: `take them over with --adopt ${mode} (mesh then also removes them on uninstall), or install beside them with --revision NAME`,
    },
  };
}

function describeOther(installation: string, objects: readonly KubeObject[]): Finding {
  const [first] = objects;
  return {
    code: 'MESH0141',
    message: `${count(objects)} of Istio in this cluster ${objects.length === 1 ? 'belongs' : 'belong'} to ${installation}: ${examples(objects)}`,
    resource: first && subjectOf(first),
    suggestion: {
      text: 'that is fine beside another revision; else remove the other installation with the tool that made it',
    },
  };
}
