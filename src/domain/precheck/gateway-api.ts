/** The Gateway API that Istio's gateways, routes and waypoints need. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import { listNames } from '../../lib/list-names.ts';
import { createContext } from '../analysis/context.ts';
import { gatewayApiVersion } from '../analysis/rules/gateway-api-version.ts';
import type { Finding } from '../analysis/types.ts';
import type { KubeObject } from '../manifest/types.ts';
import { subjectOf, textsAt } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';

export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';
const INSTALL =
  'kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.6.0/standard-install.yaml';
/** Kinds without which Istio reads nothing of the Gateway API. */
const BASIC = ['gatewayclasses', 'gateways', 'httproutes'].map((plural) => `${plural}.${GATEWAY_API_GROUP}`);

export const gatewayApi = defineCheck({
  name: 'gateway-api',
  summary: 'The Gateway API, if it is there, is of one version that Istio can read.',
  codes: ['IST0156', 'IST0172', 'IST0176', 'MESH0161', 'MESH0162', 'MESH0163', 'MESH0164'],
  needs: ['definitions'],
  check: (target, facts) => {
    const installed = facts.definitions.filter(
      (definition) => stringAt(definition, ['spec', 'group']) === GATEWAY_API_GROUP,
    );
    if (installed.length === 0) return [missing(target)];
    return [
      ...unservedVersions(installed),
      ...tooOld(installed, target),
      ...mixed(installed),
      ...experimental(installed),
    ];
  },
});

function missing({ spec }: PrecheckTarget): Finding {
  const isAmbient = spec.components.some(({ component }) => component === 'Ztunnel');
  return {
    code: isAmbient ? 'MESH0162' : 'MESH0161',
    message: isAmbient
      ? 'the Gateway API is not installed: waypoints can not be created in an ambient mesh without it'
      : 'the Gateway API is not installed: Gateway, HTTPRoute and waypoints can not be used, all else works',
    suggestion: { text: INSTALL },
  };
}

/** IST0156 without v1beta1 and v1, IST0172 with v1beta1 only (facts, `experimental precheck`). */
function unservedVersions(installed: readonly KubeObject[]): Finding[] {
  return installed.flatMap((definition): Finding[] => {
    if (!BASIC.includes(definition.metadata.name)) return [];
    const served = listAt(definition, ['spec', 'versions'])
      .filter(isObject)
      .filter((version) => version['served'] === true)
      .map((version) => stringAt(version, ['name']));
    if (served.includes('v1')) return [];
    const isLegacy = served.includes('v1beta1');
    return [
      {
        code: isLegacy ? 'IST0172' : 'IST0156',
        message: `${definition.metadata.name} is served as ${listNames(served)} only; ${isLegacy ? 'later releases of Istio need v1' : 'Istio needs v1'}`,
        resource: subjectOf(definition),
        suggestion: { text: INSTALL },
      },
    ];
  });
}

function tooOld(installed: readonly KubeObject[], { spec }: PrecheckTarget): Finding[] {
  const settings = { meshConfig: {}, meshNetworks: {}, istioNamespace: spec.namespace };
  return gatewayApiVersion.check(createContext(installed.map(subjectOf), settings));
}

const VERSION = `${GATEWAY_API_GROUP}/bundle-version`;
const CHANNEL = `${GATEWAY_API_GROUP}/channel`;

function mixed(installed: readonly KubeObject[]): Finding[] {
  return [['versions', VERSION] as const, ['channels', CHANNEL] as const].flatMap(
    ([what, annotation]): Finding[] => {
      const values = new Set(installed.flatMap((object) => textsAt(object, 'annotations')[annotation] ?? []));
      if (values.size < 2) return [];
      return [
        {
          code: 'MESH0163',
          message: `the definitions of the Gateway API are of several ${what}: ${listNames([...values].sort())}`,
          suggestion: { text: 'install one bundle completely, the newest one that you need' },
        },
      ];
    },
  );
}

function experimental(installed: readonly KubeObject[]): Finding[] {
  const names = installed
    .filter((object) => textsAt(object, 'annotations')[CHANNEL] === 'experimental')
    .map((object) => object.metadata.name);
  if (names.length === 0) return [];
  return [
    {
      code: 'MESH0164',
      message: `the Gateway API is of the experimental channel (${names.length === 1 ? '1 definition' : `${names.length} definitions`}): its fields may change without notice`,
      suggestion: {
        text: 'TLSRoute, TCPRoute and the like need it; Istio reads their alpha versions with --set values.pilot.env.PILOT_ENABLE_ALPHA_GATEWAY_API=true',
      },
    },
  ];
}
