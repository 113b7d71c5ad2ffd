/** Components as people call them. */
const NAMES: Readonly<Record<string, string>> = {
  Base: 'Base',
  Pilot: 'Istiod',
  Cni: 'CNI',
  Ztunnel: 'Ztunnel',
  IngressGateways: 'Ingress gateways',
  EgressGateways: 'Egress gateways',
};

export function componentTitle(component: string): string {
  return NAMES[component] ?? component;
}

/** In the order in which components are applied. */
export const COMPONENT_TITLES: readonly string[] = Object.values(NAMES);
