/** `Kind:namespace:name` patterns: which objects a comparison looks at, and which name stands for which. */
import { MeshError } from '../../lib/errors.ts';
import type { ObjectRef } from './types.ts';

export interface ObjectPattern {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `A:b:c,D::e`: an empty part and `*` match everything, `*` also inside a part. Throws a `usage` MeshError. */
export function parseObjectPatterns(flag: string, text: string): ObjectPattern[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parsePattern(flag, part.trim()));
}

function parsePattern(flag: string, text: string): ObjectPattern {
  const parts = text.split(':');
  if (parts.length !== 3) {
    throw new MeshError('usage', `--${flag} "${text}" is not Kind:namespace:name`, {
      hint: `write for example --${flag} 'Deployment:istio-system:*'`,
    });
  }
  const [kind = '', namespace = '', name = ''] = parts;
  return { kind, namespace, name };
}

export function matchesPattern(ref: ObjectRef, pattern: ObjectPattern): boolean {
  return (
    matchesPart(ref.kind, pattern.kind) &&
    matchesPart(ref.namespace ?? '', pattern.namespace) &&
    matchesPart(ref.name, pattern.name)
  );
}

function matchesPart(text: string, pattern: string): boolean {
  if (pattern === '' || pattern === '*') return true;
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(text);
}

export interface Rename {
  readonly from: ObjectPattern;
  readonly to: ObjectPattern;
}

/** `A:b:c->D:e:f`, several separated by commas: an object of the first side is compared under the other name. */
export function parseRenames(text: string): Rename[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [from, to, ...more] = part.split('->').map((side) => side.trim());
      if (from === undefined || to === undefined || more.length > 0) {
        throw new MeshError('usage', `--rename "${part}" is not Kind:namespace:name->Kind:namespace:name`);
      }
      return { from: parsePattern('rename', from), to: parsePattern('rename', to) };
    });
}

/** The identity under which an object is compared; empty and `*` parts of the new name keep the old part. */
export function renameRef(ref: ObjectRef, renames: readonly Rename[]): ObjectRef {
  const rename = renames.find(({ from }) => matchesPattern(ref, from));
  if (!rename) return ref;
  const keep = (part: string, old: string): string => (part === '' || part === '*' ? old : part);
  const namespace = keep(rename.to.namespace, ref.namespace ?? '');
  const { namespace: _old, ...rest } = ref;
  return {
    ...rest,
    kind: keep(rename.to.kind, ref.kind),
    name: keep(rename.to.name, ref.name),
    ...(namespace ? { namespace } : {}),
  };
}
