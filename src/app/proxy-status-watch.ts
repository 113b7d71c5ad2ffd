/** `mesh proxy-status --watch`: the same again and again, and what changed in between. */
import { MeshError } from '../lib/errors.ts';
import { isEqual } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import type { ProxyRow, ProxyState } from '../domain/proxy/sync-rows.ts';
import type { AskContext } from './istiods.ts';
import { readProxyStatus } from './proxy-status.ts';
import type { ProxyStatus, ProxyStatusInput } from './proxy-status.ts';

export interface ProxyChange {
  readonly type: 'ADDED' | 'CHANGED' | 'GONE';
  readonly proxy: ProxyRow;
  /** Its status before. */
  readonly was?: ProxyState | undefined;
}

/** A status every `intervalMs` until the signal aborts; then it ends, without an error. */
export async function* watchProxyStatus(
  input: ProxyStatusInput,
  context: AskContext,
  intervalMs: number,
): AsyncGenerator<ProxyStatus> {
  let last: ProxyStatus | undefined;
  try {
    for (;;) {
      last = await readOrKeep(input, context, last);
      yield last;
      await context.clock.sleep(intervalMs, context.signal);
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}

/** An API server that is away for a while does not end the watch: what was known stays, with the failure. */
async function readOrKeep(
  input: ProxyStatusInput,
  context: AskContext,
  last: ProxyStatus | undefined,
): Promise<ProxyStatus> {
  try {
    return await readProxyStatus(input, context);
  } catch (error) {
    if (!last || !(error instanceof MeshError) || error.code !== 'unreachable') throw error;
    return { ...last, failures: [error] };
  }
}

/** What is different between two statuses, in their order. When a type was sent last is no difference. */
export function findChanges(before: readonly ProxyRow[], after: readonly ProxyRow[]): ProxyChange[] {
  const known = byIdentity(before);
  const changes: ProxyChange[] = [];
  for (const [key, proxy] of byIdentity(after)) {
    const old = known.get(key);
    known.delete(key);
    if (!old) changes.push({ type: 'ADDED', proxy });
    else if (!isEqual(withoutTimes(old), withoutTimes(proxy)))
      changes.push({ type: 'CHANGED', proxy, was: old.status });
  }
  for (const proxy of known.values()) changes.push({ type: 'GONE', proxy });
  return changes;
}

/** Clusters may have pods of the same name; a pod that is not connected does not know its cluster's name. */
function byIdentity(rows: readonly ProxyRow[]): Map<string, ProxyRow> {
  const found = new Map<string, ProxyRow>();
  for (const row of rows) {
    const name = `${row.namespace}/${row.name}`;
    found.set(found.has(name) ? `${name}/${row.cluster ?? ''}` : name, row);
  }
  return found;
}

function withoutTimes(row: ProxyRow): JsonValue {
  return {
    ...row,
    sync: row.sync.map(({ type, state, error = '' }) => ({ type, state, error })),
  } as JsonValue;
}
