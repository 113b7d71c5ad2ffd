/**
 * Which settings are taken and which are not (facts: "Validation of the merged input", "Schema of spec.values", "Schema check of
 * spec.values"), with the words that the user sees. Stricter than istioctl on purpose: unknown meshConfig settings,
 * revisions that cannot be part of a name.
 */
import { expect, test } from '@jest/globals';
import { problemsOf, resolveGiven } from '../../../support/config-catalog.ts';

const ACCEPTED = [
  'components.pilot.k8s.replicaCount=3',
  'components.istiodRemote.enabled=true',
  'components.base.enabled=true',
  'tag=1.10',
  'namespace=foo',
  'values.global.proxy.includeIPRanges=10.0.0.0/8',
  'values.global.proxy.includeIPRanges=*',
  'values.global.proxy.includeInboundPorts=*',
  'values.global.proxy.excludeInboundPorts=80\\,443',
  'values.global.proxy.excludeInboundPorts=80',
  'values.global.proxy.tracer=zipkin',
  'values.global.resourceScope=cluster',
  'values.global.waypoint.toleration[0].key=x',
  'values.cni.ambient.configDir=/x',
  'values.cni.psp_cluster_role=x',
  'values.cni.repair.hub=x',
  'values.cni.rollingMaxUnavailable=1',
  'values.gateways.istio-ingressgateway.memory.targetAverageUtilization=50',
  'values.ztunnel.anything.goes=1',
  'values.gatewayClasses.any.thing=1',
  'values.telemetry.v2.prometheus.enabled=true',
  'values.pilot.traceSampling=0.5',
  'values.pilot.keepaliveMaxServerConnectionAge=10m',
  'values.global.tag=123',
  'values.global.certSigners[0]=a',
  'values.revisionTags={a,b}',
  'values.defaultRevision=',
  'meshConfig.accessLogFile=/dev/stdout',
  'values.pilot.cni.provider=multus',
  'values.global.defaultTolerations[0].key=a',
  'values.sidecarInjectorWebhook.neverInjectSelector[0].matchLabels.a=b',
  'unvalidatedValues.pilot.pdb.minAvailable=1',
  'values.meshConfig.accessLogEncoding=JSON',
  'values.istiodRemote.injectionURL=https://x/inject',
  'values.gateways.istio-ingressgateway.runAsRoot=true',
  'values.cni.enabled=true',
  'values.istio_cni.enabled=true',
  'values.global.sts.servicePort=80',
  'values.global.imagePullSecrets[0]=a',
];

/** A flag, and what is said of it before ` in --set`, and after. */
const REJECTED: readonly (readonly [string, string, string?])[] = [
  [
    'components.pilot.enabled="true"',
    'components.pilot.enabled must be true or false, found the text "\\"true\\""',
  ],
  [
    'components.pilot.k8s.replicaCount=abc',
    'components.pilot.k8s.replicaCount must be a whole number, found the text "abc"',
  ],
  [
    'components.pilot.k8s.resources.requests.cpu=lots',
    'components.pilot.k8s.resources.requests.cpu must be a quantity such as 500m or 2Gi, found the text "lots"',
  ],
  [
    'components.pilot.label.a=b',
    'unknown setting components.pilot.label.a',
    '(there is enabled, namespace, hub, tag, k8s)',
  ],
  [
    'components.addon.enabled=true',
    'unknown setting components.addon.enabled',
    '(there is base, pilot, cni, ztunnel, istiodRemote, ingressGateways, egressGateways)',
  ],
  ['components.base.namespace=x', 'unknown setting components.base.namespace', '(there is enabled, k8s)'],
  ['hub=a b', 'hub must be an image registry and path, such as docker.io/istio; it is "a b"'],
  ['hub=UPPER//x', 'hub must be an image registry and path, such as docker.io/istio; it is "UPPER//x"'],
  ['tag=a b', 'tag must be an image tag, such as 1.31.4; it is "a b"'],
  [
    'revision=Canary-1',
    'revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "Canary-1"',
  ],
  [
    'revision=a.b',
    'revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "a.b"',
  ],
  [
    'revision=a_b',
    'revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "a_b"',
  ],
  [
    'values.revision=a_b',
    'values.revision must be a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends; it is "a_b"',
  ],
  [
    'status=x',
    'unknown setting status',
    '(there is profile, installPackagePath, hub, tag, namespace, revision, compatibilityVersion, meshConfig, components, values, unvalidatedValues)',
  ],
  [
    'values.global.proxy.includeIPRanges=10.0.0.0/99',
    'values.global.proxy.includeIPRanges holds "10.0.0.0/99", which is not an IP range such as 10.0.0.0/8',
  ],
  [
    'values.global.proxy.excludeIPRanges=abc',
    'values.global.proxy.excludeIPRanges holds "abc", which is not an IP range such as 10.0.0.0/8',
  ],
  [
    'values.global.proxy.excludeInboundPorts=70000',
    'values.global.proxy.excludeInboundPorts holds "70000", which is not a port, 0 to 65535',
  ],
  [
    'values.global.proxy.tracer=jaeger',
    'values.global.proxy.tracer must be one of zipkin, lightstep, datadog, stackdriver, openCensusAgent, none, found the text "jaeger"',
  ],
  [
    'values.global.resourceScope=some',
    'values.global.resourceScope must be one of all, cluster, namespace, found the text "some"',
  ],
  [
    'values.pilot.pdb.minAvailable=2',
    'unknown setting values.pilot.pdb.minAvailable',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.pdb.minAvailable)',
  ],
  [
    'values.pdb.minAvailable=2',
    'unknown setting values.pdb.minAvailable',
    '(only unvalidatedValues takes it: write unvalidatedValues.pdb.minAvailable)',
  ],
  [
    'values.pilot.trafficDistribution=PreferClose',
    'unknown setting values.pilot.trafficDistribution',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.trafficDistribution)',
  ],
  [
    'values.pilot.deploymentAnnotations.a=b',
    'unknown setting values.pilot.deploymentAnnotations.a',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.deploymentAnnotations.a)',
  ],
  [
    'values.pilot.trustedZtunnelName=x',
    'unknown setting values.pilot.trustedZtunnelName',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.trustedZtunnelName)',
  ],
  [
    'values.pilot.terminationMessagePolicy=File',
    'unknown setting values.pilot.terminationMessagePolicy',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.terminationMessagePolicy)',
  ],
  [
    'values.pilot.initContainers[0].name=x',
    'unknown setting values.pilot.initContainers[0].name',
    '(only unvalidatedValues takes it: write unvalidatedValues.pilot.initContainers[0].name)',
  ],
  [
    'values.sidecarInjectorWebhookAnnotations.a=b',
    'unknown setting values.sidecarInjectorWebhookAnnotations.a',
    '(only unvalidatedValues takes it: write unvalidatedValues.sidecarInjectorWebhookAnnotations.a)',
  ],
  ['values.platform=gke', 'unknown setting values.platform', '(did you mean values.global.platform?)'],
  [
    'values.base.validationFailurePolicy=Fail',
    'unknown setting values.base.validationFailurePolicy',
    '(only unvalidatedValues takes it: write unvalidatedValues.base.validationFailurePolicy)',
  ],
  [
    'values.global.proxy.variant=debug',
    'unknown setting values.global.proxy.variant',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.proxy.variant)',
  ],
  [
    'values.global.profile=demo',
    'unknown setting values.global.profile',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.profile)',
  ],
  [
    'values.global.proxy_init.forceApplyIptables=true',
    'unknown setting values.global.proxy_init.forceApplyIptables',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.proxy_init.forceApplyIptables)',
  ],
  [
    'values.global.waypoint.tolerations[0].key=x',
    'unknown setting values.global.waypoint.tolerations[0].key',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.waypoint.tolerations[0].key)',
  ],
  [
    'values.pilot.extraContainerArgs[0]=--x',
    'values.pilot.extraContainerArgs must be an empty list, found a list',
    '(write unvalidatedValues.pilot.extraContainerArgs)',
  ],
  [
    'values.traceSampling=1',
    'unknown setting values.traceSampling',
    '(did you mean values.pilot.traceSampling?)',
  ],
  ['values.configMap=false', 'unknown setting values.configMap', '(did you mean values.pilot.configMap?)'],
  [
    'values.cni.seLinuxOptions.type=x',
    'unknown setting values.cni.seLinuxOptions.type',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.seLinuxOptions.type)',
  ],
  [
    'values.cni.terminationGracePeriodSeconds=5',
    'unknown setting values.cni.terminationGracePeriodSeconds',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.terminationGracePeriodSeconds)',
  ],
  [
    'values.cni.tolerations[0].key=a',
    'unknown setting values.cni.tolerations[0].key',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.tolerations[0].key)',
  ],
  [
    'values.cni.updateStrategy.type=OnDelete',
    'unknown setting values.cni.updateStrategy.type',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.updateStrategy.type)',
  ],
  [
    'values.cni.ambient.enablementSelectors[0].a=b',
    'unknown setting values.cni.ambient.enablementSelectors[0].a',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.ambient.enablementSelectors[0].a)',
  ],
  [
    'values.cni.ambient.shareHostNetworkNamespace=true',
    'unknown setting values.cni.ambient.shareHostNetworkNamespace',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.ambient.shareHostNetworkNamespace)',
  ],
  [
    'values.cni.ambient.enableAmbientDetectionRetry=true',
    'unknown setting values.cni.ambient.enableAmbientDetectionRetry',
    '(only unvalidatedValues takes it: write unvalidatedValues.cni.ambient.enableAmbientDetectionRetry)',
  ],
  [
    'values.gateways.istio-egressgateway.loadBalancerIP=1.2.3.4',
    'unknown setting values.gateways.istio-egressgateway.loadBalancerIP',
    '(only unvalidatedValues takes it: write unvalidatedValues.gateways.istio-egressgateway.loadBalancerIP)',
  ],
  [
    'values.gateways.istio-egressgateway.replicaCount=2',
    'unknown setting values.gateways.istio-egressgateway.replicaCount',
    '(only unvalidatedValues takes it: write unvalidatedValues.gateways.istio-egressgateway.replicaCount)',
  ],
  [
    'values.gateways.istio-egressgateway.externalTrafficPolicy=Local',
    'unknown setting values.gateways.istio-egressgateway.externalTrafficPolicy',
    '(only unvalidatedValues takes it: write unvalidatedValues.gateways.istio-egressgateway.externalTrafficPolicy)',
  ],
  [
    'values.gateways.istio-egressgateway.loadBalancerSourceRanges[0]=10.0.0.0/8',
    'unknown setting values.gateways.istio-egressgateway.loadBalancerSourceRanges[0]',
    '(only unvalidatedValues takes it: write unvalidatedValues.gateways.istio-egressgateway.loadBalancerSourceRanges[0])',
  ],
  [
    'values.gateways.istio-egressgateway.egressPorts[0].port=80',
    'unknown setting values.gateways.istio-egressgateway.egressPorts[0].port',
    '(only unvalidatedValues takes it: write unvalidatedValues.gateways.istio-egressgateway.egressPorts[0].port)',
  ],
  [
    'values.gateways.istio-ingressgateway.ports[0].appProtocol=h2',
    'unknown setting values.gateways.istio-ingressgateway.ports[0].appProtocol',
    '(did you mean values.gateways.istio-ingressgateway.ports[0].protocol?)',
  ],
  [
    'values.gateways.istio-ingressgateway.ingressPorts[0].port=80',
    'values.gateways.istio-ingressgateway.ingressPorts[0] sends to port 80 of the gateway, which it cannot open',
    '(choose a targetPort from 1024 on, or set values.gateways.istio-ingressgateway.runAsRoot=true)',
  ],
  [
    'values.telemetry.v2.prometheus.enabled="true"',
    'values.telemetry.v2.prometheus.enabled must be true or false, found the text "\\"true\\""',
  ],
  ['values.pilot.traceSampling=half', 'values.pilot.traceSampling must be a number, found the text "half"'],
  [
    'values.pilot.autoscaleMin="2"',
    'values.pilot.autoscaleMin must be a whole number, found the text "\\"2\\""',
  ],
  [
    'values.pilot.keepaliveMaxServerConnectionAge=soon',
    'values.pilot.keepaliveMaxServerConnectionAge must be a duration such as 10s or 1m30s, found the text "soon"',
  ],
  [
    'values.pilot.taint.enabled=yes',
    'values.pilot.taint.enabled must be true or false, found the text "yes"',
  ],
  [
    'meshConfig.connectTimeout=soon',
    'meshConfig.connectTimeout must be a duration such as 10s or 1m30s, found the text "soon"',
  ],
  [
    'meshConfig.connectTimeout=0s',
    'meshConfig.connectTimeout must be a duration from 1ms to 1h, in whole milliseconds',
  ],
  ['meshConfig.proxyListenPort=70000', 'meshConfig.proxyListenPort must be a port, 1 to 65535'],
  ['meshConfig.trustDomain=a..b', 'meshConfig.trustDomain must be a trust domain, such as cluster.local'],
  ['meshConfig.nonsense=1', 'unknown setting meshConfig.nonsense'],
  [
    'components.ingressGateways[0].name=Gate_way',
    'components.ingressGateways[0].name must consist of a-z, 0-9, . and -; it is "Gate_way"',
  ],
  [
    'components.ingressGateways[0].k8s.service.ports[0].port=80',
    'components.ingressGateways[0].k8s.service.ports[0] sends to port 80 of the gateway, which it cannot open',
    '(choose a targetPort from 1024 on, or set values.gateways.istio-ingressgateway.runAsRoot=true)',
  ],
  [
    'compatibilityVersion=1.24',
    'compatibilityVersion must be one of 1.25, 1.26, 1.27, 1.28, 1.29, 1.30, found the text "1.24"',
  ],
  [
    'values.global.defaultTolerations[0].bogus=a',
    'unknown setting values.global.defaultTolerations[0].bogus',
    '(there is key, operator, value, effect, tolerationSeconds)',
  ],
  [
    'values.pilot.affinity.bogus=a',
    'unknown setting values.pilot.affinity.bogus',
    '(there is nodeAffinity, podAffinity, podAntiAffinity)',
  ],
  [
    'values.sidecarInjectorWebhook.neverInjectSelector[0].bogus=b',
    'unknown setting values.sidecarInjectorWebhook.neverInjectSelector[0].bogus',
    '(there is matchLabels, matchExpressions)',
  ],
  [
    'values.global.waypoint.nodeSelector.pool=a',
    'unknown setting values.global.waypoint.nodeSelector.pool',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.waypoint.nodeSelector.pool)',
  ],
  [
    'values.global.waypoint.nodeSelector.nodeSelectorTerms[0].bogus=a',
    'unknown setting values.global.waypoint.nodeSelector.nodeSelectorTerms[0].bogus',
    '(only unvalidatedValues takes it: write unvalidatedValues.global.waypoint.nodeSelector.nodeSelectorTerms[0].bogus)',
  ],
  [
    'values.gateways.istio-ingressgateway.podAntiAffinityLabelSelector[0].key=app',
    'values.gateways.istio-ingressgateway.podAntiAffinityLabelSelector must be an empty list, found a list',
    '(write unvalidatedValues.gateways.istio-ingressgateway.podAntiAffinityLabelSelector)',
  ],
  [
    'values.global.proxy.lifecycle.bogus=1',
    'unknown setting values.global.proxy.lifecycle.bogus',
    '(there is postStart, preStop, stopSignal)',
  ],
  ['values.pilot.volumes[0].bogus=1', 'unknown setting values.pilot.volumes[0].bogus'],
  [
    'values.global.istiod.enableAnalysis=1',
    'values.global.istiod.enableAnalysis must be true or false, found the text "1"',
  ],
];

test.each(ACCEPTED)('takes %s', (set) => {
  expect(() => resolveGiven({ sets: [set] })).not.toThrow();
});

test.each(REJECTED)('refuses %s', (set, message, hint = '') => {
  const [problem = '', ...more] = problemsOf({ sets: [set] });
  expect(more).toEqual([]);
  const place = problem.includes(`, in --set ${set}`) ? `, in --set ${set}` : ' in --set';
  expect(problem).toBe(`${message}${place}${hint === '' ? '' : ` ${hint}`}`);
});
