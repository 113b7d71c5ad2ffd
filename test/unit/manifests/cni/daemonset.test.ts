/** The DaemonSet of the CNI node agent, and what platforms change. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, objectNames } from '../../../support/render-component.ts';
import { byName, config, container, hostPath, pod, render, withValues } from './render.ts';

describe('DaemonSet', () => {
  test.each<[JsonObject, JsonObject, string]>([
    [{}, { hub: 'r.example', tag: 'x' }, 'r.example/install-cni:x'],
    [
      { hub: 'h', tag: 't', variant: 'debug', image: 'i' },
      { hub: 'x', tag: 'y', variant: 'z' },
      'h/i:t-debug',
    ],
    [{}, { variant: 'distroless' }, 'docker.io/istio/install-cni:1.31.4-distroless'],
    [{ image: 'r/own:1' }, { hub: '', variant: 'z' }, 'r/own:1'],
  ])('image of %j with global %j', (cni, global, wanted) => {
    expect(container(cni, { global })['image']).toBe(wanted);
  });

  test.each([{ hub: '' }, { tag: '' }])('without image: %j', (global) => {
    expect(() => render({ values: { global } })).toThrow('values.global.hub or values.global.tag is empty');
  });

  test.each<[JsonObject, JsonObject, JsonValue | undefined]>([
    [{}, {}, undefined],
    [{}, { imagePullPolicy: 'Always' }, 'Always'],
    [{ pullPolicy: 'Never' }, { imagePullPolicy: 'Always' }, 'Never'],
  ])('pull policy of %j with global %j', (cni, global, wanted) => {
    expect(container(cni, { global })['imagePullPolicy']).toBe(wanted);
  });

  test.each<[JsonObject, JsonObject, string[]]>([
    [
      { logging: { level: 'cni:debug' } },
      { logging: { level: 'all:error' } },
      ['--log_output_level=cni:debug'],
    ],
    [{}, { logging: { level: 'all:error' } }, ['--log_output_level=all:error']],
    [{}, { logging: { level: '' } }, ['--log_output_level=info']],
    [{}, { logAsJson: true }, ['--log_output_level=info', '--log_as_json']],
  ])('arguments of %j with global %j', (cni, global, wanted) => {
    expect(container(cni, { global })['args']).toEqual(wanted);
  });

  test('pull secrets', () => {
    const account = findObject(
      render({ values: { global: { imagePullSecrets: ['a', 'b'] } } }),
      'ServiceAccount',
    );
    expect(account['imagePullSecrets']).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  test('labels and annotations', () => {
    const values = withValues({
      daemonSetLabels: { d: true },
      podLabels: { p: 1 },
      podAnnotations: { a: 'b', 'prometheus.io/port': 1 },
    });
    const daemonSet = findObject(render({ values }), 'DaemonSet');
    expect(daemonSet.metadata['labels']).toMatchObject({ d: 'true', 'k8s-app': 'istio-cni-node' });
    const metadata = getAt(daemonSet, ['spec', 'template', 'metadata']) as JsonObject;
    expect(metadata['labels']).toMatchObject({ p: '1' });
    expect(metadata['labels']).not.toHaveProperty('d');
    expect(metadata['annotations']).toMatchObject({ a: 'b', 'prometheus.io/port': '1' });
  });

  test('fields that are taken over', () => {
    const affinity = { nodeAffinity: {} };
    const updateStrategy = { type: 'OnDelete', rollingUpdate: null };
    const values = withValues({
      affinity,
      tolerations: [],
      terminationGracePeriodSeconds: '5',
      updateStrategy,
    });
    const daemonSet = findObject(render({ values }), 'DaemonSet');
    expect(getAt(daemonSet, ['spec', 'updateStrategy'])).toMatchObject({ type: 'OnDelete' });
    const spec = getAt(daemonSet, ['spec', 'template', 'spec']) as JsonObject;
    expect(spec).toMatchObject({ affinity, terminationGracePeriodSeconds: 5 });
    expect(spec).not.toHaveProperty('tolerations');
  });

  test('AppArmor by field in place of the annotation', () => {
    const values = withValues({ useAppArmorAnnotation: false });
    const template = getAt(findObject(render({ values }), 'DaemonSet'), ['spec', 'template']);
    expect(getAt(template, ['metadata', 'annotations'])).not.toHaveProperty([
      'container.apparmor.security.beta.kubernetes.io/install-cni',
    ]);
    expect(getAt(template, ['spec', 'containers', 0, 'securityContext', 'appArmorProfile'])).toEqual({
      type: 'Unconfined',
    });
  });

  test.each<[JsonObject, JsonObject, JsonObject]>([
    [{ seLinuxOptions: { level: 's0' } }, {}, { seLinuxOptions: { type: 'spc_t', level: 's0' } }],
    [{ seLinuxOptions: { type: 'own_t' } }, {}, { seLinuxOptions: { type: 'own_t' } }],
    [{}, { global: { platform: 'openshift' } }, { seLinuxOptions: { type: 'spc_t' } }],
    [{ seccompProfile: { type: 'RuntimeDefault' } }, {}, { seccompProfile: { type: 'RuntimeDefault' } }],
  ])('security context of %j with %j', (cni, values, wanted) => {
    expect(container(cni, values)['securityContext']).toMatchObject(wanted);
  });

  test.each<[JsonObject, JsonObject, JsonValue | undefined]>([
    [
      { resources: { limits: { cpu: 1, memory: null } } },
      {},
      { limits: { cpu: 1 }, requests: { cpu: '100m', memory: '100Mi' } },
    ],
    [{ resources: null }, {}, { requests: { cpu: '100m', memory: '100Mi' } }],
    [
      { resources: null },
      { global: { defaultResources: { requests: { cpu: '1m' } } } },
      { requests: { cpu: '1m', memory: '100Mi' } },
    ],
    [{ resources: null }, { global: { defaultResources: null } }, undefined],
    [{}, { profile: 'demo' }, { requests: { cpu: '10m', memory: '40Mi' } }],
  ])('resources of %j with %j', (cni, values, wanted) => {
    expect(container(cni, values)['resources']).toEqual(wanted);
  });

  test('variables come last, sorted; none is there twice', () => {
    const env = container({ env: { Z: 'z', A: 1, POD_NAME: 'mine', ALLOW_SWITCH_TO_HOST_NS: false } })[
      'env'
    ] as JsonObject[];
    expect(env.slice(-4)).toEqual([
      { name: 'A', value: '1' },
      { name: 'ALLOW_SWITCH_TO_HOST_NS', value: 'false' },
      { name: 'POD_NAME', value: 'mine' },
      { name: 'Z', value: 'z' },
    ]);
    expect(new Set(env.map(({ name }) => name)).size).toBe(env.length);
  });

  test('ambient mode mounts network namespaces and the socket of ztunnel', () => {
    const cni = { ambient: { enabled: true } };
    expect((container(cni)['volumeMounts'] as JsonValue[]).slice(-2)).toEqual([
      { name: 'cni-netns-dir', mountPath: '/host/var/run/netns', mountPropagation: 'HostToContainer' },
      { name: 'cni-ztunnel-sock-dir', mountPath: '/var/run/ztunnel' },
    ]);
    expect(byName(pod(cni)['volumes'], 'cni-ztunnel-sock-dir')).toEqual({
      name: 'cni-ztunnel-sock-dir',
      hostPath: { path: '/var/run/ztunnel', type: 'DirectoryOrCreate' },
    });
    expect(pod(cni)).not.toHaveProperty('hostNetwork');
  });

  test.each<[JsonObject, boolean]>([
    [{ repair: { repairPods: false } }, false],
    [{ repair: { repairPods: false }, ambient: { enabled: true } }, true],
  ])('/proc for %j: %s', (cni, wanted) => {
    expect(byName(pod(cni)['volumes'], 'cni-host-procfs') !== undefined).toBe(wanted);
    expect(byName(container(cni)['volumeMounts'], 'cni-host-procfs') !== undefined).toBe(wanted);
  });

  test.each<[JsonObject, JsonObject, boolean]>([
    [{ ambient: { enabled: true, shareHostNetworkNamespace: true } }, {}, true],
    [{ ambient: { enabled: true } }, { compatibilityVersion: '1.25' }, true],
    [{ ambient: { enabled: true } }, { compatibilityVersion: '1.26' }, false],
    [{ ambient: { shareHostNetworkNamespace: true } }, {}, false],
  ])('host network of %j with %j: %s', (cni, values, wanted) => {
    const spec = pod(cni, values);
    expect([spec['hostNetwork'], spec['dnsPolicy']]).toEqual(
      wanted ? [true, 'ClusterFirstWithHostNet'] : [undefined, undefined],
    );
    expect(byName(container(cni, values)['env'], 'ALLOW_SWITCH_TO_HOST_NS') === undefined).toBe(wanted);
  });

  test.each<[string, JsonObject, JsonObject, string]>([
    ['cni-bin-dir', { cniBinDir: '/b' }, {}, '/b'],
    ['cni-net-dir', { cniConfDir: '/c' }, {}, '/c'],
    ['cni-netns-dir', { cniNetnsDir: '/n' }, {}, '/n'],
    ['cni-bin-dir', {}, { global: { platform: 'gke' } }, '/opt/cni/bin'],
    ['cni-bin-dir', {}, { global: { platform: 'k3d' } }, '/bin'],
    ['cni-net-dir', {}, { global: { platform: 'k3d' } }, '/var/lib/rancher/k3s/agent/etc/cni/net.d'],
    ['cni-bin-dir', {}, { global: { platform: 'k3s' } }, '/var/lib/rancher/k3s/data/cni'],
    ['cni-net-dir', {}, { global: { platform: 'k3s' } }, '/var/lib/rancher/k3s/agent/etc/cni/net.d'],
    ['cni-bin-dir', {}, { global: { platform: 'microk8s' } }, '/var/snap/microk8s/current/opt/cni/bin'],
    ['cni-net-dir', {}, { global: { platform: 'microk8s' } }, '/var/snap/microk8s/current/args/cni-network'],
    ['cni-netns-dir', {}, { global: { platform: 'minikube' } }, '/var/run/docker/netns'],
    ['cni-bin-dir', {}, { global: { platform: 'openshift' } }, '/var/lib/cni/bin'],
    ['cni-net-dir', {}, { global: { platform: 'openshift' } }, '/etc/cni/multus/net.d'],
  ])('%s of %j with %j is %s', (volume, cni, values, wanted) => {
    expect(hostPath(volume, cni, values)).toBe(wanted);
  });

  test("Google's nodes are known by the version of their API server", () => {
    const input = { kubernetesVersion: '1.33.2-gke.100' };
    expect(hostPath('cni-bin-dir', {}, { global: { platform: 'gke' } }, input)).toBe('/home/kubernetes/bin');
    expect(hostPath('cni-bin-dir', {}, {}, input)).toBe('/opt/cni/bin');
  });
});

describe('platforms', () => {
  test('gke asks for a quota', () => {
    const objects = render({ values: { global: { platform: 'gke' }, cni: { resourceQuotas: { pods: 7 } } } });
    expect(getAt(findObject(objects, 'ResourceQuota'), ['spec', 'hard'])).toEqual({ pods: '7' });
  });

  test('openshift calls the plugin through Multus', () => {
    const values = { global: { platform: 'openshift' } };
    expect(objectNames(render({ values }))).toContain('NetworkAttachmentDefinition istio-cni');
    expect(config({}, values)).toMatchObject({
      CNI_CONF_NAME: 'istio-cni.conf',
      CHAINED_CNI_PLUGIN: 'false',
    });
  });

  test('what the user gives wins over the platform', () => {
    expect(config({ chained: true }, { global: { platform: 'openshift' } })).toMatchObject({
      CHAINED_CNI_PLUGIN: 'true',
    });
  });
});
