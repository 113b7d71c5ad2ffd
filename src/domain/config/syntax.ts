/** The forms of names and addresses that settings hold. Each tells whether a text has the form. */

/** DNS-1123 label: 1 to 63 of `a-z 0-9 -`, alphanumeric at both ends. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** Value of a Kubernetes label. */
export function isLabelValue(text: string): boolean {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(text);
}

/** Image repository, with or without a registry: `docker.io/istio`, `localhost:5000/a/b`, `localhost:5000`. */
export function isImageRepository(text: string): boolean {
  const [first = '', ...rest] = text.split('/');
  const isRegistry =
    /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*(:\d+)?$/;
  const isComponent = (part: string): boolean => /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(part);
  return (isRegistry.test(first) || isComponent(first)) && rest.every(isComponent);
}

/** Image tag. */
export function isImageTag(text: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(text);
}

/** `10.0.0.0/8` or `fd00::/8`. */
export function isCidr(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  if (length === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return false;
  if (isIpV4(address)) return Number(length) <= 32;
  return isIpV6(address) && Number(length) <= 128;
}

export function isIp(text: string): boolean {
  return isIpV4(text) || isIpV6(text);
}

function isIpV4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpV6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const isMapped = groups.length > 0 && isIpV4(groups.at(-1) ?? '');
  const hex = isMapped ? groups.slice(0, -1) : groups;
  const size = hex.length + (isMapped ? 2 : 0);
  return (
    hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? size < 8 : size === 8)
  );
}

/** 1 to 65535. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}

/**
 * Fully qualified domain name: DNS labels of either case, dots between, one trailing dot allowed, the last label not
 * a number.
 */
export function isFqdn(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = name.split('.');
  return name.length <= 255 && labels.every(isAnyCaseLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** As `isFqdn`, but the first label may be `*`, `*x` or `*-x`. */
export function isWildcardDomain(text: string): boolean {
  const [first = '', ...rest] = text.split('.');
  const isFirst = first === '*' || isAnyCaseLabel(first.replace(/^\*-?/, ''));
  return isFirst && (rest.length === 0 || isFqdn(rest.join('.')));
}

/** Trust domain: DNS labels with dots between. */
export function isTrustDomain(text: string): boolean {
  return text.length > 0 && text.length <= 255 && text.split('.').every(isAnyCaseLabel);
}

function isAnyCaseLabel(text: string): boolean {
  return /^[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(text);
}

/** `host:port` with a name, an IPv4 address or an IPv6 address in brackets. */
export function isHostPort(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (!match) return false;
  const [, v6, host = '', port] = match;
  return isPort(Number(port)) && (v6 === undefined ? isFqdn(host) || isIp(host) : isIp(v6));
}
