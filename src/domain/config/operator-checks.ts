/** What a schema cannot say of an IstioOperator: names, addresses, ports, and settings that work against each other. */
import { getAt, isEqual, isObject, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { GATEWAY_LISTS, isEnabledExplicitly, valuesRoot } from './instances.ts';
import type { Instance } from './instances.ts';
import { checkMeshConfig, checkMeshNetworks } from './mesh-config-checks.ts';
import { partOf } from './check.ts';
import type { Check, Subject } from './check.ts';
import type { TreePath } from './paths.ts';
import { formatSetting } from './paths.ts';
import { isCidr, isDnsLabel, isImageRepository, isImageTag, isLabelValue } from './syntax.ts';

/** Everything wrong with a merged IstioOperator; values of a wrong type are left to the schema. */
export function checkOperator(operator: JsonObject, instances: readonly Instance[]): Check[] {
  const whole: Subject = { tree: operator, base: [] };
  return [
    ...checkNames(operator),
    ...checkRanges(operator),
    ...checkMeshConfig(partOf(whole, 'spec', 'meshConfig')),
    ...checkMeshConfig(partOf(whole, 'spec', 'values', 'meshConfig')),
    ...checkMeshNetworks(partOf(whole, 'spec', 'values', 'global', 'meshNetworks')),
    ...checkGatewayNames(instances),
    ...checkGatewayPorts(operator),
    ...checkReplicas(operator, instances),
    ...checkCni(operator, instances),
    ...checkNamespaces(operator, instances),
  ];
}

interface TextRule {
  readonly path: TreePath;
  readonly isFine: (text: string) => boolean;
  readonly what: string;
}

const REVISION = 'must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends';

const TEXT_RULES: readonly TextRule[] = [
  {
    path: ['metadata', 'name'],
    isFine: isLabelValue,
    what: 'must be usable as a label value: at most 63 of letters, digits, -, _ and .',
  },
  {
    path: ['spec', 'hub'],
    isFine: isImageRepository,
    what: 'must be an image registry and path, such as docker.io/istio',
  },
  { path: ['spec', 'tag'], isFine: isImageTag, what: 'must be an image tag, such as 1.31.4' },
  { path: ['spec', 'revision'], isFine: isDnsLabel, what: REVISION },
  { path: ['spec', 'values', 'revision'], isFine: isDnsLabel, what: REVISION },
  {
    path: ['spec', 'values', 'global', 'istioNamespace'],
    isFine: isDnsLabel,
    what: 'must be the name of a namespace',
  },
];

function checkNames(operator: JsonObject): Check[] {
  return TEXT_RULES.filter(({ path, isFine }) => {
    const text = stringAt(operator, path);
    return text !== '' && !isFine(text);
  }).map(({ path, what }) => ({ path, what: `${what}; it is ${JSON.stringify(stringAt(operator, path))}` }));
}

/** IP ranges and ports that sidecars capture: lists in one text, `*` for all, empty for none. */
function checkRanges(operator: JsonObject): Check[] {
  const proxy: TreePath = ['spec', 'values', 'global', 'proxy'];
  const isPortNumber = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65535;
  const rules = [
    { keys: ['includeIPRanges', 'excludeIPRanges'], isFine: isCidr, name: 'an IP range such as 10.0.0.0/8' },
    {
      keys: ['includeInboundPorts', 'excludeInboundPorts'],
      isFine: isPortNumber,
      name: 'a port, 0 to 65535',
    },
  ];
  return rules.flatMap(({ keys, isFine, name }) =>
    keys.flatMap((key): Check[] => {
      const text = stringAt(operator, [...proxy, key]);
      if (text === '' || text === '*') return [];
      const wrong = text.split(',').find((part) => !isFine(part.trim()));
      return wrong === undefined
        ? []
        : [{ path: [...proxy, key], what: `holds "${wrong}", which is not ${name}` }];
    }),
  );
}

const isGateway = ({ component }: Instance): boolean =>
  component === 'IngressGateways' || component === 'EgressGateways';

function checkGatewayNames(instances: readonly Instance[]): Check[] {
  const gateways = instances.filter(isGateway);
  const checks: Check[] = [];
  for (const [index, { instance, namespace, path, component, block }] of gateways.entries()) {
    if (instance === '') {
      checks.push({ path, what: 'has no name', hint: `write ${formatSetting([...path, 'name'])}` });
      continue;
    }
    if (!/^[a-z0-9.-]{1,254}$/.test(instance)) {
      checks.push({
        path: [...path, 'name'],
        what: `must consist of a-z, 0-9, . and -; it is ${JSON.stringify(instance)}`,
      });
    }
    const earlier = gateways.slice(0, index).filter((other) => other.namespace === namespace);
    if (earlier.some((other) => other.instance === instance)) {
      checks.push({
        path: [...path, 'name'],
        what: `is ${instance}, the name of an earlier gateway in namespace ${namespace}`,
        hint: 'give each gateway a name of its own',
      });
    } else if (
      earlier.some(
        (other) => other.component === component && isEqual(labelsOf(other.block), labelsOf(block)),
      )
    ) {
      checks.push({
        path,
        what: `selects the same pods as an earlier gateway in namespace ${namespace}`,
        hint: `give it a label of its own, such as label: {istio: ${instance}}`,
        isWarning: true,
      });
    }
  }
  return checks;
}

const labelsOf = (block: JsonObject): JsonObject => objectAt(block, ['label']);

/** A gateway that does not run as root cannot open ports below 1024. */
function checkGatewayPorts(operator: JsonObject): Check[] {
  return GATEWAY_LISTS.flatMap(({ key, values }) => {
    const settings: TreePath = ['spec', 'values', 'gateways', values];
    if (getAt(operator, [...settings, 'runAsRoot']) === true) return [];
    const lists = listAt(operator, ['spec', 'components', key]).map((_, index): TreePath => [
      'spec',
      'components',
      key,
      index,
      'k8s',
      'service',
      'ports',
    ]);
    if (values === 'istio-ingressgateway') lists.push([...settings, 'ingressPorts']);
    return lists.flatMap((path) =>
      listAt(operator, path).flatMap((port, index): Check[] => {
        if (!isObject(port) || !isPrivileged(port)) return [];
        const hint = `choose a targetPort from 1024 on, or set values.gateways.${values}.runAsRoot=true`;
        return [
          {
            path: [...path, index],
            what: `sends to port ${privilegedPort(port)} of the gateway, which it cannot open`,
            hint,
          },
        ];
      }),
    );
  });
}

function privilegedPort({ port, targetPort }: JsonObject): number {
  return Number(targetPort ?? port);
}

function isPrivileged({ port, targetPort }: JsonObject): boolean {
  if (typeof targetPort === 'number') return targetPort < 1024;
  return targetPort === undefined || targetPort === null ? typeof port === 'number' && port <= 1024 : false;
}

/** A fixed number of replicas and an autoscaler undo each other. */
function checkReplicas(operator: JsonObject, instances: readonly Instance[]): Check[] {
  return instances.flatMap((instance): Check[] => {
    const root: TreePath = ['spec', 'values', ...valuesRoot(instance.component), 'autoscaleEnabled'];
    const replicas = getAt(instance.block, ['k8s', 'replicaCount']);
    const least = isGateway(instance) ? 0 : 1;
    if (typeof replicas !== 'number' || replicas <= least || getAt(operator, root) !== true) return [];
    const hint = `set ${formatSetting(root)}=false, or k8s.hpaSpec.minReplicas`;
    const path = [...instance.path, 'k8s', 'replicaCount'];
    return [{ path, what: 'is overruled by the autoscaler', hint, isWarning: true }];
  });
}

function checkNamespaces(operator: JsonObject, instances: readonly Instance[]): Check[] {
  const checks = instances.flatMap(({ path, block }): Check[] => {
    const namespace = stringAt(block, ['namespace']);
    if (namespace === '' || isDnsLabel(namespace)) return [];
    return [
      {
        path: [...path, 'namespace'],
        what: `must be the name of a namespace; it is ${JSON.stringify(namespace)}`,
      },
    ];
  });
  return [...checks, ...checkWithoutEffect(operator)];
}

/** Istio tells injection of the CNI agent only for an explicit `enabled: true`. */
function checkCni(operator: JsonObject, instances: readonly Instance[]): Check[] {
  const cni = instances.find(({ component }) => component === 'Cni');
  const isTold =
    isEnabledExplicitly(operator, 'cni') ||
    getAt(operator, ['spec', 'values', 'pilot', 'cni', 'enabled']) === true;
  if (!cni || isTold) return [];
  const what = 'switches the CNI agent on, but injected pods still set up redirection themselves';
  return [{ path: cni.path, what, hint: 'set components.cni.enabled=true', isWarning: true }];
}

/** Settings that are read and do nothing, as in istioctl, which says nothing. */
function checkWithoutEffect(operator: JsonObject): Check[] {
  const settings: readonly { readonly path: TreePath; readonly hint: string }[] = [
    { path: ['spec', 'namespace'], hint: 'set values.global.istioNamespace' },
    { path: ['spec', 'installPackagePath'], hint: 'use --manifests' },
    { path: ['spec', 'components', 'istiodRemote'], hint: 'use the profile remote' },
  ];
  return settings
    .filter(({ path }) => (getAt(operator, path) ?? null) !== null)
    .map(({ path, hint }) => ({ path, what: 'has no effect', hint, isWarning: true }));
}
