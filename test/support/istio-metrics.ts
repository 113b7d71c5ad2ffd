/**
 * Metrics that Istio 1.31 documents and that its pods offer: "Istio Standard Metrics", the metrics of pilot-discovery in
 * its reference, those of ztunnel, and what every Go or Rust process has. With the labels that dashboards may ask for.
 */
const TRAFFIC = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'source_principal',
  'source_app',
  'source_version',
  'source_cluster',
  'destination_workload',
  'destination_workload_namespace',
  'destination_principal',
  'destination_app',
  'destination_version',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'destination_cluster',
  'request_protocol',
  'response_code',
  'response_flags',
  'connection_security_policy',
];

const COUNTERS: Readonly<Record<string, readonly string[]>> = {
  istio_requests_total: TRAFFIC,
  istio_tcp_sent_bytes_total: TRAFFIC,
  istio_tcp_received_bytes_total: TRAFFIC,
  istio_tcp_connections_opened_total: TRAFFIC,
  istio_tcp_connections_closed_total: TRAFFIC,
  istio_build: ['component', 'tag'],
  pilot_xds: ['version'],
  pilot_xds_pushes: ['type'],
  pilot_push_triggers: ['type'],
  pilot_k8s_cfg_events: ['type', 'event'],
  pilot_k8s_reg_events: ['type', 'event'],
  pilot_services: [],
  pilot_virt_services: [],
  pilot_no_ip: [],
  pilot_conflict_inbound_listener: [],
  pilot_vservice_dup_domain: [],
  pilot_total_xds_rejects: ['type'],
  pilot_total_xds_internal_errors: [],
  pilot_xds_write_timeout: [],
  galley_validation_passed: ['group', 'version', 'resource'],
  galley_validation_failed: ['group', 'version', 'resource', 'reason'],
  sidecar_injection_success_total: [],
  sidecar_injection_failure_total: [],
  citadel_server_csr_count: [],
  citadel_server_success_cert_issuance_count: [],
  citadel_server_authentication_failure_count: [],
  citadel_server_root_cert_expiry_seconds: [],
  istio_dns_requests_total: TRAFFIC,
  istio_xds_connection_terminations_total: ['reason'],
  istio_xds_message_total: ['url'],
  workload_manager_active_proxy_count: [],
  workload_manager_pending_proxy_count: [],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  go_goroutines: [],
  go_memstats_heap_inuse_bytes: [],
  go_memstats_alloc_bytes_total: [],
};

const HISTOGRAMS: Readonly<Record<string, readonly string[]>> = {
  istio_request_duration_milliseconds: TRAFFIC,
  istio_request_bytes: TRAFFIC,
  istio_response_bytes: TRAFFIC,
  pilot_xds_push_time: ['type'],
  pilot_xds_config_size_bytes: ['type'],
  pilot_proxy_convergence_time: [],
};

/** What our Prometheus adds to every series of a pod. */
const OF_PODS = [
  'app',
  'version',
  'namespace',
  'pod',
  'node',
  'istio_io_rev',
  'service_istio_io_canonical_name',
  'service_istio_io_canonical_revision',
];

/** Labels by the name of the series. */
export const SERIES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...Object.entries(COUNTERS).map(([name, labels]) => [name, new Set([...labels, ...OF_PODS])] as const),
  ...Object.entries(HISTOGRAMS).flatMap(([name, labels]) => [
    [`${name}_bucket`, new Set(['le', ...labels, ...OF_PODS])] as const,
    [`${name}_sum`, new Set([...labels, ...OF_PODS])] as const,
    [`${name}_count`, new Set([...labels, ...OF_PODS])] as const,
  ]),
]);
