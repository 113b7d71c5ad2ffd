/**
 * What each CEL rule of Istio's API asks for, in a sentence for the person whose resource it refuses. The API server
 * shows it in place of the rule (and insists on one where a rule has line breaks); the definitions in
 * manifests/base/crds carry these texts, put in by bin/crds.ts.
 */
export const ruleMessages: Readonly<Record<string, string>> = {
  // Durations, ports and labels, all over the API
  [`duration(self) >= duration('1ms')`]: 'must be a duration of 1ms or more, such as 5s',
  [`0 < self && self <= 65535`]: 'must be a port number from 1 to 65535',
  [`!self.contains("*")`]: 'must not contain a wildcard (*)',
  [`self.all(key, !key.contains("*"))`]: 'keys must not contain a wildcard (*)',
  [`self.all(key, key.size() != 0)`]: 'keys must not be empty',

  // What a resource is for
  [`self.size() == 0`]: 'must be empty: a target is looked for in the namespace of the policy',
  [`(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1`]:
    'give only one of selector, targetRef and targetRefs',
  [`(has(self.selector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1`]:
    'give only one of selector and targetRefs',
  [`(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1`]:
    'give only one of workloadSelector and targetRefs',
  [`(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1`]:
    'give only one of workloadSelector and endpoints',

  // Gateway, Sidecar
  [`(has(self.tlsCertificates) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1`]:
    'give only one of tlsCertificates and credentialNames',
  [`(has(self.credentialNames) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1`]:
    'give only one of credentialNames and tlsCertificates',
  [`(has(self.credentialName) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1`]:
    'give only one of credentialName and credentialNames',

  // ServiceEntry, WorkloadEntry, WorkloadGroup
  [`has(self.address) || has(self.network)`]: 'an address or a network is required',
  [`self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true`]:
    'a Unix socket needs an absolute path (unix:///...) or an abstract name (unix://@...)',
  [`self.startsWith("unix://") ? !self.endsWith("/") : true`]:
    'a Unix socket is a file: its path must not end in /',
  [`(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true`]:
    'a Unix socket has no ports: leave ports out',
  [`self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))`]:
    'port names are letters, digits and inner dashes, 62 characters at most',
  [`self != "*"`]: 'a host must not be * alone',
  [`!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && !((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))`]:
    'address ranges need the resolution NONE or STATIC',
  [`((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true`]:
    'endpoints need a resolution other than NONE',
  [`((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? ((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true`]:
    'the resolution DNS_ROUND_ROBIN takes one endpoint at most',
  [`self.all(l1, self.exists_one(l2, l1.number == l2.number))`]: 'every port needs a number of its own',
  [`self in ["", "HTTP", "HTTPS"]`]: 'must be HTTP or HTTPS',

  // EnvoyFilter, TrafficExtension, WasmPlugin
  [`has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)`]:
    'the context WAYPOINT and a waypoint match go together: give both or neither',
  [`has(self.wasm) != has(self.lua)`]: 'give either wasm or lua',
  [`(has(self.valueFrom) ? self.valueFrom : "") != "HOST" || !has(self.value)`]:
    'a variable taken from HOST has no value of its own: leave value out',
  [`isURL(self) ? (url(self).getScheme() in ["", "http", "https", "file", "oci"]) : (isURL("http://" + self) &&
url("http://" + self).getScheme() in ["", "http", "https", "file", "oci"])`]:
    'must be a URL with the scheme oci, http, https or file, or with none',
  [`isURL(self) ? (url(self).getScheme() in ["", "http", "https", "oci", "file"]) : (isURL("http://" + self) &&
url("http://" + self).getScheme() in ["", "http", "https", "oci", "file"])`]:
    'must be a URL with the scheme oci, http, https or file, or with none',

  // AuthorizationPolicy, PeerAuthentication, RequestAuthentication
  [`(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) &&
!has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true`]:
    'serviceAccounts and notServiceAccounts cannot be used together with principals or namespaces',
  [`has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? self.selector.matchLabels : {}).size() > 0) : true`]:
    'portLevelMtls needs a selector with matchLabels',
  [`self.all(key, 0 < int(key) && int(key) <= 65535)`]: 'keys must be port numbers from 1 to 65535',
  [`url(self).getScheme() in ["http", "https"]`]: 'must be an http:// or https:// URL',
  [`(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1`]:
    'give only one of jwks and jwksUri',

  // Telemetry
  [`((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true`]:
    'the operation UPSERT needs a value',
  [`((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true`]:
    'the operation REMOVE takes no value',
};
