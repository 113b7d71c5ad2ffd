/** Whether two proxies trust each other: mutual TLS needs a root certificate that both have. */
import type { JsonObject } from '../../lib/json.ts';
import { rootsOf } from './secret.ts';

/** Serial numbers of roots. */
export interface RootComparison {
  readonly common: readonly string[];
  readonly onlyInFrom: readonly string[];
  readonly onlyInTo: readonly string[];
}

/** Certificates are compared by their bytes: a serial number is unique only within one authority. */
export function compareRoots(from: JsonObject, to: JsonObject): RootComparison {
  const [left, right] = [rootsOf(from), rootsOf(to)];
  const [inFrom, inTo] = [left, right].map((roots) => new Set(roots.map(({ body }) => body)));
  return {
    common: left.filter(({ body }) => inTo?.has(body)).map(({ serialNumber }) => serialNumber),
    onlyInFrom: left.filter(({ body }) => !inTo?.has(body)).map(({ serialNumber }) => serialNumber),
    onlyInTo: right.filter(({ body }) => !inFrom?.has(body)).map(({ serialNumber }) => serialNumber),
  };
}
