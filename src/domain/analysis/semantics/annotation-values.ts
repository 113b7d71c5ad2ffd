/** Values of annotations as the injector reads them. Source: facts 5, IST0125, and 9. */
import { isObject } from '../../../lib/json.ts';
import { readYaml } from '../../../lib/yaml-fast.ts';
import { readMessage } from '../proto.ts';
import type { ProtoProblem } from '../proto.ts';
import { rootField } from '../validation/field.ts';
import { checkMeshProxyConfig } from '../validation/mesh-proxy-config.ts';
import { describeProblem } from '../validation/problem.ts';
import { isCidr } from '../validation/blocks/ip.ts';

/** What is wrong with a value, as the end of a sentence; undefined: nothing. */
export type ValueCheck = (value: string) => string | undefined;

const MODES = ['REDIRECT', 'TPROXY', 'NONE'];

export function checkMode(value: string): string | undefined {
  return MODES.includes(value) ? undefined : `must be one of ${MODES.join(', ')}`;
}

/** Ports are trimmed, other numbers are not. */
function isPort(text: string): boolean {
  return isWhole(text.trim(), 65_535);
}

function isWhole(text: string, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) <= most;
}

export function checkPort(value: string): string | undefined {
  return isPort(value) ? undefined : 'must be a port number from 0 to 65535';
}

export function checkUint32(value: string): string | undefined {
  return isWhole(value, 2 ** 32 - 1) ? undefined : 'must be a whole number that is not negative';
}

/** The first item of a list that is separated by commas and does not pass; an empty text is an empty list. */
function firstBad(value: string, isGood: (item: string) => boolean): string | undefined {
  return value === '' ? undefined : value.split(',').find((item) => !isGood(item));
}

export function checkPortList(value: string): string | undefined {
  const bad = firstBad(value, isPort);
  return bad === undefined ? undefined : `must be port numbers separated by commas, but has "${bad}"`;
}

export function checkPortSelection(value: string): string | undefined {
  return value === '*' ? undefined : checkPortList(value);
}

export function checkAddressRanges(value: string): string | undefined {
  const bad = firstBad(value, isCidr);
  if (bad === undefined) return undefined;
  return `must be ranges such as 10.0.0.0/8 separated by commas, but has "${bad}"`;
}

export function checkRangeSelection(value: string): string | undefined {
  return value === '*' ? undefined : checkAddressRanges(value);
}

export function checkInterfaces(value: string): string | undefined {
  const bad = firstBad(value, (item) => /^[A-Za-z][\w.-]{0,14}$/.test(item));
  return bad === undefined ? undefined : `must be names of interfaces separated by commas, but has "${bad}"`;
}

const BOOLEANS: ReadonlySet<string> = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '));

export function checkBoolean(value: string): string | undefined {
  return BOOLEANS.has(value) ? undefined : 'must be true or false';
}

/** A quantity of Kubernetes: `100m`, `1.5`, `128Mi`, `1e3`. */
export function checkQuantity(value: string): string | undefined {
  const isQuantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/.test(value);
  return isQuantity ? undefined : 'must be a quantity such as 100m or 128Mi';
}

/** A ProxyConfig as YAML text. */
export function checkProxyConfig(value: string): string | undefined {
  const result = readYaml(value);
  if ('error' in result) return `must be YAML: ${result.error.message}`;
  if (result.value === null) return undefined;
  if (!isObject(result.value)) return 'must be a map of ProxyConfig';
  const problems: ProtoProblem[] = [];
  const config = readMessage(result.value, 'istio.mesh.v1alpha1.ProxyConfig', [], problems);
  const [problem] = problems;
  if (problem) return `must be a ProxyConfig: ${problem.path.join('.')}: ${problem.message}`;
  const field = rootField(config, 'ProxyConfig');
  checkMeshProxyConfig(field);
  const error = field.problems.find(({ level }) => level === 'error');
  return error && `must be a ProxyConfig: ${describeProblem({ ...error, path: error.path.slice(1) })}`;
}
