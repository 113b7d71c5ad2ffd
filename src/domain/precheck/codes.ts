/**
 * The codes that only `mesh precheck` gives. Where Istio has a code for a finding (IST0141, IST0142, ...), that one is used:
 * see `domain/analysis/codes.ts`, which joins both tables.
 */

/** Code, name, level (lower case: not from `analyze`), summary, page below Istio's documentation. */
export type PrecheckCodeRow = readonly [
  code: string,
  name: string,
  level: string,
  summary: string,
  page: string,
];

const RELEASES = 'releases/supported-releases/';
const UPGRADE = 'setup/upgrade/';
const PLATFORMS = 'setup/platform-setup/';
const GATEWAY_API = 'tasks/traffic-management/ingress/gateway-api/';
const WEBHOOKS = 'ops/configuration/mesh/webhook/';
const SECURITY = 'ops/best-practices/security/';

export const PRECHECK_CODES: readonly PrecheckCodeRow[] = [
  ['MESH0100', 'NotChecked', 'w', 'Something could not be checked.', 'ops/diagnostic-tools/istioctl/'],
  [
    'MESH0101',
    'InsufficientPermissionsLater',
    'w',
    'The user may not do what pruning and uninstalling will need.',
    'setup/install/istioctl/',
  ],
  [
    'MESH0102',
    'PermissionEscalation',
    'e',
    'The user may not grant permissions that the control plane needs.',
    'setup/install/istioctl/',
  ],
  ['MESH0103', 'UntestedKubernetesVersion', 'i', 'Istio was not tested with this Kubernetes yet.', RELEASES],
  ['MESH0111', 'DefinitionIncompatible', 'e', 'A definition cannot become what it would have to.', UPGRADE],
  [
    'MESH0112',
    'StoredVersionRemoved',
    'e',
    'Objects may be stored in a version that the new definition lacks.',
    UPGRADE,
  ],
  [
    'MESH0113',
    'ServedVersionRemoved',
    'w',
    'A version that clients can use now will not be served any more.',
    UPGRADE,
  ],
  ['MESH0114', 'ConversionChanged', 'w', 'Objects will be converted in another way.', UPGRADE],
  ['MESH0115', 'DefinitionNewer', 'w', 'A definition is of a newer Istio than this one.', UPGRADE],
  ['MESH0121', 'WebhookBlocks', 'e', 'A webhook that cannot answer would block the installation.', WEBHOOKS],
  ['MESH0122', 'WebhookLeftOver', 'w', 'A webhook calls a Service that does not exist.', WEBHOOKS],
  ['MESH0123', 'CompetingValidator', 'w', 'Several webhooks validate the same configuration.', WEBHOOKS],
  ['MESH0124', 'NobodyInjects', 'w', 'The webhooks of the installation would call nobody.', WEBHOOKS],
  ['MESH0131', 'BeingDeleted', 'e', 'Something that the installation needs is being deleted.', UPGRADE],
  [
    'MESH0132',
    'PodSecurityForbids',
    'e',
    'The namespace forbids the pods that would run in it.',
    'setup/additional-setup/pod-security-admission/',
  ],
  [
    'MESH0133',
    'PodSecurityForbidsSidecars',
    'w',
    'A namespace with injection forbids what sidecars need.',
    'setup/additional-setup/pod-security-admission/',
  ],
  ['MESH0141', 'OtherInstaller', 'w', 'Another installer has put Istio into this cluster.', UPGRADE],
  ['MESH0142', 'OwnedByOthers', 'e', 'Objects of the installation belong to somebody else.', UPGRADE],
  ['MESH0151', 'RecordDamaged', 'e', 'What mesh recorded about an installation cannot be read.', UPGRADE],
  ['MESH0152', 'RunUnfinished', 'w', 'An earlier run did not finish.', UPGRADE],
  ['MESH0153', 'InstalledObjectsGone', 'w', 'Objects that mesh installed were deleted by somebody.', UPGRADE],
  ['MESH0161', 'GatewayApiMissing', 'i', 'The Gateway API is not installed.', GATEWAY_API],
  ['MESH0162', 'GatewayApiMissingForAmbient', 'w', 'Waypoints need the Gateway API.', GATEWAY_API],
  ['MESH0163', 'GatewayApiMixed', 'w', 'The Gateway API is of several versions or channels.', GATEWAY_API],
  ['MESH0164', 'GatewayApiExperimental', 'i', 'The Gateway API is of the experimental channel.', GATEWAY_API],
  ['MESH0171', 'PlatformAdvice', 'i', 'This platform has settings of its own.', PLATFORMS],
  ['MESH0172', 'PlatformSettingMissing', 'w', 'This platform needs a setting that is missing.', PLATFORMS],
  ['MESH0181', 'UpgradePathUnsupported', 'e', 'The way from the running version is not supported.', UPGRADE],
  ['MESH0182', 'Downgrade', 'w', 'The running version is newer than this one.', UPGRADE],
  ['MESH0183', 'ProxiesOutsideSkew', 'w', 'Proxies are too old or too new for the control plane.', RELEASES],
  ['MESH0184', 'DefaultsChange', 'i', 'Defaults change between the versions.', UPGRADE],
  ['MESH0191', 'NoUsableNode', 'e', 'No node can run the control plane.', PLATFORMS],
  ['MESH0192', 'UnusableNodes', 'w', 'Istio has no images for some nodes.', PLATFORMS],
  ['MESH0193', 'LittleRoom', 'i', 'No node has as much room as a pod asks for.', SECURITY],
];

/** Codes of Istio's own precheck, whose meaning is the same here. */
const SHARED_CODES = ['IST0141', 'IST0142', 'IST0156', 'IST0169', 'IST0172'];

/** Whether `mesh precheck` is what reports a code. */
export function isPrecheckCode(code: string): boolean {
  return SHARED_CODES.includes(code) || PRECHECK_CODES.some(([known]) => known === code);
}
