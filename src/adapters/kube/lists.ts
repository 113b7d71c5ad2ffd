/** Whole lists, read in pages. */
import type { ApiResource, ListQuery, ListResult, RequestOptions } from '../../app/ports.ts';
import type { KubeObject } from '../../domain/manifest/types.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { Api } from './api.ts';
import { resourcePath } from './paths.ts';
import { StatusError } from './status-errors.ts';

const PAGE_SIZE = 500;
/** How often a list begins anew because its pages have become too old. */
const RESTARTS = 3;

/** A kind the server does not know (any more) is an empty list without a resourceVersion. */
export async function listAll(api: Api, query: ListQuery, options: RequestOptions = {}): Promise<ListResult> {
  const resource = await api.findResource(query.apiVersion, query.kind, options.signal);
  if (!resource) return { items: [], resourceVersion: '' };
  for (let restarts = 0; ; restarts += 1) {
    try {
      // The last time in one piece: slow, but it cannot expire half-way.
      return await readPages(api, resource, query, restarts < RESTARTS ? PAGE_SIZE : undefined, options);
    } catch (error) {
      if (!(error instanceof StatusError) || error.status !== 410 || restarts >= RESTARTS) throw error;
    }
  }
}

async function readPages(
  api: Api,
  resource: ApiResource,
  query: ListQuery,
  limit: number | undefined,
  options: RequestOptions,
): Promise<ListResult> {
  const items: KubeObject[] = [];
  const operation = describeList(query);
  let next = '';
  for (;;) {
    const { namespace, labelSelector, fieldSelector } = query;
    const parameters = { limit, continue: next || undefined, labelSelector, fieldSelector };
    const path = resourcePath(resource, { namespace, query: parameters });
    const { answer } = await api.call(
      { method: 'GET', path, signal: options.signal },
      { operation, repeat: 'always', accept: [404] },
    );
    if (answer.status === 404) {
      api.discovery.forget();
      return { items: [], resourceVersion: '' };
    }
    const page = api.parse(answer, operation);
    for (const item of itemsOf(page['items'])) items.push(withType(item, query));
    next = stringAt(page, ['metadata', 'continue']);
    if (next === '') return { items, resourceVersion: stringAt(page, ['metadata', 'resourceVersion']) };
  }
}

function describeList({ kind, namespace }: ListQuery): string {
  return `list ${kind} objects${namespace === undefined ? '' : ` in the namespace ${namespace}`}`;
}

function itemsOf(value: JsonValue | undefined): KubeObject[] {
  return Array.isArray(value) ? (value.filter(isObject) as KubeObject[]) : [];
}

/** Items of lists of built-in kinds come without apiVersion and kind. */
export function withType(item: KubeObject, { apiVersion, kind }: ListQuery): KubeObject {
  return typeof item.kind === 'string' && typeof item.apiVersion === 'string'
    ? item
    : { ...item, apiVersion, kind };
}
