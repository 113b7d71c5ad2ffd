/** Output of `mesh show`. */
import type { HistoryEntry } from '../domain/plan/history.ts';
import type { Release } from '../domain/plan/release.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { formatRef, refOf } from '../domain/manifest/ref.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export function formatRelease(
  release: Release,
  entry: HistoryEntry,
  part: 'all' | 'values' | 'manifest',
  output: 'yaml' | 'json',
): string {
  const objects = [...release.namespaces, ...release.desired.map(({ object }) => object)];
  switch (part) {
    case 'manifest':
      return output === 'json' ? json(objects) : documents(objects);
    case 'values':
      return output === 'json' ? json(release.operator) : printYaml(release.operator);
    case 'all':
      return output === 'json' ? json(summary(release, entry)) : printYaml(summary(release, entry));
  }
}

function json(value: JsonValue | readonly KubeObject[]): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function documents(objects: readonly KubeObject[]): string {
  return objects.map((object) => printYaml(object)).join('---\n');
}

/** Origins of what somebody chose; a value of the default profile says nothing. */
function summary(release: Release, entry: HistoryEntry): JsonObject {
  const chosen = Object.entries(release.origins).filter(
    ([, origin]) => !origin.startsWith('default profile'),
  );
  const text = {
    release: { revision: revisionName(release.revision), namespace: release.namespace, ...entry },
    given: {
      files: release.config.files,
      sets: release.config.sets.map(({ flag, text: value }) => `${flag} ${value}`),
    },
    origins: Object.fromEntries(chosen),
    objects: release.desired.map(({ component, object }) => `${component}: ${formatRef(refOf(object))}`),
  };
  return JSON.parse(JSON.stringify(text)) as JsonObject;
}
