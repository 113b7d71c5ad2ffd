/** The names that istiod gives to clusters: `outbound|9080|v1|reviews.shop.svc.cluster.local`. */

export interface ClusterName {
  /** The name itself for a cluster that is not of a service. */
  readonly fqdn: string;
  /** Absent for a cluster that is not of a service. */
  readonly port?: number | undefined;
  readonly subset?: string | undefined;
  readonly direction?: string | undefined;
}

/** Gateways that pass TLS through write `outbound_.9080_.v1_.host`, because the name is also an SNI. */
export function parseClusterName(name: string): ClusterName {
  const parts = name.includes('|') ? name.split('|') : name.split('_.');
  const [direction = '', port = '', subset = '', ...rest] = parts;
  if (rest.length === 0 || !/^\d+$/.test(port)) return { fqdn: name };
  return {
    fqdn: rest.join('|'),
    port: Number(port),
    subset: subset === '' ? undefined : subset,
    direction: direction === '' ? undefined : direction,
  };
}

/** How destinations are told: the passthrough clusters by their bare names, as they are no service. */
export function clusterTitle(name: string): string {
  return name.includes('Passthrough') ? name : `Cluster: ${name}`;
}
