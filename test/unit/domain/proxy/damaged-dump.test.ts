/** Whatever a saved dump holds, views tell what they can; nothing but a MeshError is ever thrown. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAdminAnswer } from '../../../../src/domain/proxy/config-dump.ts';
import type { AdminAnswer } from '../../../../src/domain/proxy/config-dump.ts';
import { DIFF_VIEWS, diffDumps } from '../../../../src/domain/proxy/dump-diff.ts';
import { filterDump } from '../../../../src/domain/proxy/dump-filter.ts';
import { endpointRows, selectEndpoints } from '../../../../src/domain/proxy/endpoint.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { PLAIN } from '../../../../src/lib/style.ts';
import { formatAll } from '../../../../src/report/proxy-config-all-text.ts';
import { endpointTable } from '../../../../src/report/proxy-config-text.ts';
import { rawCapture } from '../../../support/envoy-captures.ts';

const now = new Date('2026-11-25T00:00:00Z');

function tellEverything(answer: AdminAnswer): void {
  formatAll(answer, { wide: true }, { style: PLAIN }, now);
  formatAll(
    filterDump(answer, { port: 80, type: 'TCP' }),
    { verbose: false },
    { style: PLAIN, width: 40 },
    now,
  );
  endpointTable(endpointRows(selectEndpoints(answer, { status: 'healthy' })), { wide: true });
  diffDumps(answer, { configs: [] }, DIFF_VIEWS, { from: 'a', to: 'b' });
}

function tellText(text: string): void {
  try {
    tellEverything(parseAdminAnswer(text, 'dump.json'));
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError);
  }
}

/** A copy with `value` in place of what is reached by always taking the child number `path[i]` modulo their count. */
function replaceAt(root: JsonValue, path: readonly number[], value: JsonValue): JsonValue {
  const [index, ...rest] = path;
  if (index === undefined || typeof root !== 'object' || root === null) return value;
  const keys = Object.keys(root);
  const key = keys[index % keys.length];
  if (key === undefined) return value;
  const copy = Array.isArray(root) ? [...root] : { ...root };
  const children = copy as Record<string, JsonValue>;
  children[key] = replaceAt(children[key] ?? null, rest, value);
  return copy;
}

/** One of each is enough, and fast. */
function shorten(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.slice(0, 2).map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'configs' ? (item as JsonValue[]).map(shorten) : shorten(item),
    ]),
  );
}

const dump = shorten(rawCapture('config_dump.json'));
const clusters = shorten(rawCapture('clusters.json'));

test('damage anywhere in a dump', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 14 }), fc.jsonValue(), (path, value) => {
      for (const root of [dump, clusters])
        tellText(JSON.stringify(replaceAt(root, path, value as JsonValue)));
    }),
    { numRuns: 60 },
  );
});

test('any JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (configs) => {
      tellText(JSON.stringify({ configs }));
      tellText(JSON.stringify({ clusterStatuses: configs }));
    }),
    { numRuns: 100 },
  );
});
