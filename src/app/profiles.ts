/** Use cases of `mesh profile`. */
import type { ResolvedSpec } from '../domain/config/types.ts';
import { MeshError } from '../lib/errors.ts';
import { getAt, isObject, sortKeys, stringAt } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import { nearestName } from '../lib/suggest.ts';
import { diffTexts } from '../lib/text-diff.ts';
import { printYaml } from '../lib/yaml-print.ts';
import type { Files } from './ports.ts';
import { resolveRequest } from './resolve.ts';
import type { ConfigRequest } from './resolve.ts';
import type { Shipped } from './shipped.ts';

export interface ProfileSummary {
  readonly name: string;
  /** Components that the profile switches on, gateways by name. */
  readonly components: readonly string[];
}

/** Every shipped profile with what it switches on, by name. */
export function listProfiles(shipped: Shipped): ProfileSummary[] {
  const { profiles } = shipped.catalog;
  const base = profiles['default'] ?? {};
  return Object.keys(profiles)
    .sort()
    .map((name) => ({ name, components: enabledIn(base, profiles[name] ?? {}) }));
}

function enabledIn(base: JsonObject, profile: JsonObject): string[] {
  const own = getAt(profile, ['spec', 'components']);
  const inherited = getAt(base, ['spec', 'components']);
  const components: JsonObject = { ...(isObject(inherited) ? inherited : {}), ...(isObject(own) ? own : {}) };
  return Object.entries(components).flatMap(([key, value]) => {
    if (!Array.isArray(value)) return isObject(value) && value['enabled'] !== false ? [key] : [];
    return value
      .filter((item) => isObject(item) && item['enabled'] !== false)
      .map((item) => stringAt(item, ['name']));
  });
}

/** The merged IstioOperator of a request, or the part of it below `path` (`components.pilot`, relative to spec). */
export function selectConfig(spec: ResolvedSpec, path: string | undefined): JsonValue {
  if (path === undefined) return sortKeys(spec.operator);
  const keys = path
    .replace(/^spec\./, '')
    .split(/(?<!\\)\./)
    .map((key) => key.replaceAll('\\.', '.'));
  let node: JsonValue | undefined = spec.operator['spec'];
  for (const [depth, key] of keys.entries()) {
    const next: JsonValue | undefined = getAt(node, [
      /^\d+$/.test(key) && Array.isArray(node) ? Number(key) : key,
    ]);
    if (next === undefined) {
      const nearest = isObject(node) ? nearestName(key, Object.keys(node)) : undefined;
      throw new MeshError(
        'usage',
        `the configuration has nothing at "${keys.slice(0, depth + 1).join('.')}"`,
        {
          hint:
            nearest === undefined
              ? 'mesh profile dump prints all of it'
              : `did you mean ${[...keys.slice(0, depth), nearest].join('.')}?`,
        },
      );
    }
    node = next;
  }
  return sortKeys(node ?? null);
}

export interface ConfigDiff {
  readonly from: string;
  readonly to: string;
  /** Unified diff of the merged configurations as YAML; empty when they are equal. */
  readonly diff: string;
}

/** Compares two merged configurations; each side is a profile's name, a file, or `-`. */
export async function diffProfiles(
  from: string,
  to: string,
  contextLines: number,
  ports: { readonly files: Files; readonly shipped: Shipped },
): Promise<ConfigDiff> {
  const left = await resolveSide(from, ports);
  const right = await resolveSide(to, ports);
  const text = (spec: ResolvedSpec): string => printYaml(sortKeys(spec.operator));
  return { from, to, diff: diffTexts(text(left), text(right), { fromName: from, toName: to, contextLines }) };
}

function resolveSide(
  side: string,
  ports: { readonly files: Files; readonly shipped: Shipped },
): Promise<ResolvedSpec> {
  const isFile = side === '-' || /[/\\]|\.(ya?ml|json)$/.test(side);
  const request: ConfigRequest = isFile
    ? { filenames: [side], sets: [] }
    : { profile: side, filenames: [], sets: [] };
  return resolveRequest(request, ports);
}
