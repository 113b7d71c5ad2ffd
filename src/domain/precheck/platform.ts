/** Settings that the platform asks for. The platform is told by the version, the API groups and the nodes' labels. */
import { getAt, stringAt } from '../../lib/json.ts';
import type { Finding } from '../analysis/types.ts';
import type { KubeObject } from '../manifest/types.ts';
import { textsAt } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';

export const platform = defineCheck({
  name: 'platform',
  summary: 'Settings that the platform (GKE, OpenShift, k3s, minikube, ...) asks for are made.',
  codes: ['MESH0171', 'MESH0172'],
  needs: ['kubernetes', 'groups', 'nodes'],
  check: (target, facts): Finding[] => {
    const found = PLATFORMS.find((candidate) => candidate.is(facts));
    return found ? advise(found, target) : [];
  },
});

interface PlatformSigns {
  readonly kubernetes: string;
  readonly groups: ReadonlySet<string>;
  readonly nodes: readonly KubeObject[];
}

interface Platform {
  readonly title: string;
  is(signs: PlatformSigns): boolean;
  /** The value of `values.global.platform`. */
  readonly setting?: string;
  /** Without the setting the CNI agent does not work (Istio documentation, "Platform-specific prerequisites"); `always`: nor does anything else. */
  readonly settingFor?: 'cni' | 'always';
  /** What else to know. */
  readonly advice?: string;
}

const hasLabel = (nodes: readonly KubeObject[], label: string): boolean =>
  nodes.some((node) => textsAt(node, 'labels')[label] !== undefined);

/** The more special first: k3d is k3s, too. */
const PLATFORMS: readonly Platform[] = [
  {
    title: 'OpenShift',
    is: ({ groups }) => groups.has('config.openshift.io') && groups.has('security.openshift.io'),
    setting: 'openshift',
    settingFor: 'always',
    advice: 'the profile openshift (or openshift-ambient) makes all settings: --set profile=openshift',
  },
  // mesh makes the settings for GKE by itself: app/detect-platform.ts.
  {
    title: 'GKE',
    is: ({ kubernetes }) => kubernetes.includes('-gke'),
    setting: 'gke',
    advice: 'private clusters need a firewall rule from the control plane to port 15017 of the nodes',
  },
  {
    title: 'EKS',
    is: ({ kubernetes, nodes }) =>
      kubernetes.includes('-eks') || hasLabel(nodes, 'eks.amazonaws.com/nodegroup'),
    advice:
      'the security group of the nodes must let the API server in on port 15017, else injection and validation time out',
  },
  {
    title: 'AKS',
    is: ({ nodes }) => hasLabel(nodes, 'kubernetes.azure.com/cluster'),
    advice: 'the Istio add-on of AKS must be off: it and mesh would inject the same pods',
  },
  {
    title: 'k3d',
    is: ({ kubernetes, nodes }) =>
      kubernetes.includes('+k3s') && nodes.some((node) => node.metadata.name.startsWith('k3d-')),
    setting: 'k3d',
    settingFor: 'cni',
    advice:
      'k3d brings Traefik, which takes ports 80 and 443: create clusters with --k3s-arg "--disable=traefik@server:*"',
  },
  {
    title: 'k3s',
    is: ({ kubernetes }) => kubernetes.includes('+k3s'),
    setting: 'k3s',
    settingFor: 'cni',
    advice: 'k3s brings Traefik, which takes ports 80 and 443: start it with --disable=traefik',
  },
  {
    title: 'MicroK8s',
    is: ({ nodes }) => hasLabel(nodes, 'microk8s.io/cluster'),
    setting: 'microk8s',
    settingFor: 'cni',
  },
  {
    title: 'minikube',
    is: ({ nodes }) => hasLabel(nodes, 'minikube.k8s.io/version'),
    setting: 'minikube',
    settingFor: 'cni',
    advice: 'the ingress gateway gets an address while "minikube tunnel" runs',
  },
  {
    title: 'kind',
    is: ({ nodes }) => nodes.some((node) => stringAt(node, ['spec', 'providerID']).startsWith('kind://')),
    advice: 'Services of type LoadBalancer get an address while cloud-provider-kind runs',
  },
];

function advise({ title, setting, settingFor, advice }: Platform, { spec }: PrecheckTarget): Finding[] {
  const findings: Finding[] = [];
  const hasCni = spec.components.some(({ component }) => component === 'Cni');
  const isNeeded = settingFor === 'always' || (settingFor === 'cni' && hasCni);
  const isSet = getAt(spec.values, ['global', 'platform']) === setting;
  if (setting !== undefined && isNeeded && !isSet) {
    const text = `--set values.global.platform=${setting}`;
    findings.push({
      code: 'MESH0172',
      message: `the cluster is ${title}, where ${settingFor === 'cni' ? 'the CNI agent needs' : 'Istio needs'} values.global.platform=${setting}`,
      suggestion: { text: settingFor === 'always' && advice !== undefined ? advice : text },
    });
  }
  if (advice !== undefined && settingFor !== 'always')
    findings.push({ code: 'MESH0171', message: `the cluster is ${title}: ${advice}` });
  return findings;
}
