/** What has become different since a release was applied. */
import { isEqual, isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { ComponentName, KubeObject, ObjectRef } from '../manifest/types.ts';
import { comparable } from './compare.ts';
import { fieldOwner } from './field-owners.ts';
import type { FieldOwner, FieldPath } from './field-owners.ts';

export interface FieldDrift {
  /** `.spec.template.spec.containers[discovery].image` */
  readonly path: string;
  /** undefined: the release does not have it. */
  readonly recorded: JsonValue | undefined;
  /** undefined: it is gone. */
  readonly live: JsonValue | undefined;
  /** Who wrote what is there now; undefined where it is gone or nobody is known. */
  readonly by?: FieldOwner | undefined;
}

export interface ObjectDrift {
  readonly type: 'changed' | 'missing' | 'extra';
  readonly ref: ObjectRef;
  readonly component?: ComponentName | undefined;
  readonly fields: readonly FieldDrift[];
}

const MASK = '***';

/** Fields in which `live` differs from what the server would make of the recorded object. Secrets are masked. */
export function diffFields(live: KubeObject, recorded: KubeObject): FieldDrift[] {
  const found: FieldDrift[] = [];
  const walk = (
    now: JsonValue | undefined,
    then: JsonValue | undefined,
    path: FieldPath,
    name: string,
  ): void => {
    if (isEqual(now, then)) return;
    if (isObject(now) && isObject(then)) {
      for (const key of new Set([...Object.keys(now), ...Object.keys(then)]))
        walk(now[key], then[key], [...path, key], `${name}${keyName(key)}`);
      return;
    }
    if (Array.isArray(now) && Array.isArray(then) && isNamed(now) && isNamed(then)) {
      for (const item of new Set([...now, ...then].map(nameOf))) {
        const index = now.findIndex((candidate) => nameOf(candidate) === item);
        const other = then.find((candidate) => nameOf(candidate) === item);
        walk(now[index], other, [...path, index], `${name}[${item}]`);
      }
      return;
    }
    const isSecret = live.kind === 'Secret' && (path[0] === 'data' || path[0] === 'stringData');
    found.push({
      path: name,
      recorded: isSecret && then !== undefined ? MASK : then,
      live: isSecret && now !== undefined ? MASK : now,
      by: now === undefined ? undefined : fieldOwner(live, path),
    });
  };
  walk(comparable(live), comparable(recorded), [], '');
  return found;
}

function keyName(key: string): string {
  return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isNamed(list: readonly JsonValue[]): boolean {
  const names = list.map(nameOf);
  return names.every((name) => name !== '') && new Set(names).size === names.length;
}

function nameOf(item: JsonValue): string {
  return isObject(item) && typeof item['name'] === 'string' ? item['name'] : '';
}
