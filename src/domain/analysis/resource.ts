/** From a document's value, or an object of a cluster, to a resource. */
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { findKind } from './kinds.ts';
import type { KindInfo } from './kinds.ts';
import { messageOfKind, readMessage } from './proto.ts';
import type { ProtoProblem } from './proto.ts';
import type { Resource, ResourceSource } from './types.ts';

export interface ResourceOptions {
  /** For namespaced objects without one; empty: they stay without. */
  readonly defaultNamespace?: string | undefined;
  readonly cluster?: string | undefined;
  readonly source?: ResourceSource | undefined;
}

const NO_LABELS: Readonly<Record<string, string>> = {};
const messages = new Map<string, string | undefined>();

/** What kind an object is; undefined for one that the analysis does not read. */
export function kindOf(raw: JsonObject): KindInfo | undefined {
  const { apiVersion, kind } = raw;
  return typeof apiVersion === 'string' && typeof kind === 'string' ? findKind(apiVersion, kind) : undefined;
}

/** The resource that `raw` describes, and what of it could not be read. */
export function readResource(
  raw: JsonObject,
  info: KindInfo,
  options: ResourceOptions,
): { readonly resource: Resource; readonly problems: readonly ProtoProblem[] } {
  const problems: ProtoProblem[] = [];
  const metadata = mapOf(raw['metadata'], ['metadata'], problems);
  const text = (key: string): string => {
    const value = metadata[key];
    if (typeof value === 'string' || value === undefined || value === null) return value ?? '';
    problems.push({ path: ['metadata', key], message: `expected text, found ${JSON.stringify(value)}` });
    return '';
  };
  const namespace = text('namespace');
  const resource: Resource = {
    kind: info.kind,
    group: info.group,
    version: stringAt(raw, ['apiVersion']).split('/').at(-1) ?? '',
    name: text('name'),
    namespace: info.namespaced ? namespace || (options.defaultNamespace ?? '') : '',
    labels: readTexts(metadata['labels'], 'labels', problems),
    annotations: readTexts(metadata['annotations'], 'annotations', problems),
    spec: readSpec(raw, info, problems),
    status: isObject(raw['status']) ? raw['status'] : {},
    raw,
    cluster: options.cluster ?? '',
    source: options.source,
  };
  return { resource, problems };
}

function readSpec(raw: JsonObject, info: KindInfo, problems: ProtoProblem[]): JsonObject {
  if (info.specless) return raw;
  const spec = raw['spec'];
  if (spec === undefined || spec === null) return {};
  if (!messages.has(info.key)) messages.set(info.key, messageOfKind(info.key));
  const message = messages.get(info.key);
  return message ? readMessage(spec, message, ['spec'], problems) : mapOf(spec, ['spec'], problems);
}

function mapOf(value: JsonValue | undefined, path: readonly string[], problems: ProtoProblem[]): JsonObject {
  if (isObject(value)) return value;
  if (value !== undefined && value !== null) problems.push({ path, message: `expected a map` });
  return {};
}

function readTexts(
  value: JsonValue | undefined,
  field: string,
  problems: ProtoProblem[],
): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return NO_LABELS;
  const map = mapOf(value, ['metadata', field], problems);
  let isClean = true;
  for (const key in map) {
    const item = map[key];
    if (typeof item === 'string') continue;
    isClean = false;
    if (item !== null)
      problems.push({
        path: ['metadata', field, key],
        message: `expected text, found ${JSON.stringify(item)}; put it in quotes`,
      });
  }
  if (isClean) return map as Record<string, string>;
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [key, typeof item === 'string' ? item : '']),
  );
}
