/** A change as a unified diff of YAML: the live object against what the server says it would be. */
import { isObject, sortKeys } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { diffTexts } from '../../lib/text-diff.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { formatRef } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { comparable } from './compare.ts';
import type { Change } from './plan.ts';

/** The diff of a create, update or replace; empty for the other actions. What Secrets hold is masked. */
export function diffChange(change: Change): string {
  if (!['create', 'update', 'replace'].includes(change.action)) return '';
  const after = change.after ?? change.desired?.object;
  const name = formatRef(change.ref);
  return diffTexts(textOf(change.live, change.live, after), textOf(after, change.live, after), {
    fromName: `live ${name}`,
    toName: `planned ${name}`,
  });
}

function textOf(
  object: KubeObject | undefined,
  live: KubeObject | undefined,
  after: KubeObject | undefined,
): string {
  if (!object) return '';
  const shown = object.kind === 'Secret' ? maskSecret(object, object === live ? after : live) : object;
  return printYaml(sortKeys(comparable(shown)));
}

/** `***`, or `*** (changed)` where the other side differs. */
function maskSecret(secret: KubeObject, other: KubeObject | undefined): KubeObject {
  const mask = (key: string): JsonObject => {
    const data = secret[key];
    if (!isObject(data)) return {};
    const others = other?.[key];
    const entries = Object.entries(data).map(([name, value]) => [
      name,
      isObject(others) && others[name] !== value ? '*** (changed)' : '***',
    ]);
    return { [key]: Object.fromEntries(entries) as JsonObject };
  };
  return { ...secret, ...mask('data'), ...mask('stringData') };
}
