/**
 * `components.X.k8s.overlays`: patches of rendered objects by kind, name and path. Unlike istioctl, which drops them
 * silently, a patch that matches nothing is an error that names it.
 */
import type { Problem } from '../../lib/errors.ts';
import { messageOf, throwProblems } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { parseYamlDocuments } from '../../lib/yaml.ts';
import type { Overlay, ResolvedComponent } from '../config/types.ts';
import { formatSegment, parseOverlayPath } from './overlay-path.ts';
import type { OverlaySegment } from './overlay-path.ts';
import type { KubeObject } from './types.ts';

/** A copy of `objects` with the overlays applied in order. Throws one `config` MeshError for all that match nothing. */
export function applyOverlays(
  objects: readonly KubeObject[],
  instance: Pick<ResolvedComponent, 'component' | 'instance' | 'overlays'>,
): KubeObject[] {
  if (instance.overlays.length === 0) return [...objects];
  const problems: Problem[] = [];
  let result: KubeObject[] = [...objects];
  for (const overlay of instance.overlays) {
    const matches = (object: KubeObject): boolean =>
      object.kind === overlay.kind && object.metadata.name === overlay.name;
    if (!result.some(matches)) {
      problems.push(missingTarget(overlay, result, instance.instance));
      continue;
    }
    result = result.map((object) => (matches(object) ? patchObject(object, overlay, problems) : object));
  }
  throwProblems('config', problems, `${problems.length} overlay patches match nothing`);
  return result;
}

function missingTarget(overlay: Overlay, objects: readonly KubeObject[], instance: string): Problem {
  const names = objects
    .filter((object) => object.kind === overlay.kind)
    .map((object) => object.metadata.name);
  const kinds = [...new Set(objects.map((object) => object.kind))].sort();
  return {
    message: `no ${overlay.kind} "${overlay.name}" is rendered by ${instance} for its overlay to patch`,
    hint:
      names.length > 0
        ? `there is ${overlay.kind} ${names.join(', ')}`
        : `there are the kinds ${kinds.join(', ')}`,
  };
}

function patchObject(object: KubeObject, overlay: Overlay, problems: Problem[]): KubeObject {
  const patched = structuredClone(object);
  for (const patch of overlay.patches) {
    try {
      const segments = parseOverlayPath(patch.path);
      const value = patch.value === undefined || patch.value === null ? undefined : patch.value;
      const problem = value === undefined ? removePath(patched, segments) : setPath(patched, segments, value);
      if (problem) {
        problems.push({
          message: `the overlay path "${patch.path}" of ${overlay.kind} "${overlay.name}" matches nothing: ${problem}`,
        });
      }
    } catch (error) {
      problems.push({ message: messageOf(error) });
    }
  }
  return patched;
}

/** What is wrong, or undefined when the patch was made. */
type Outcome = string | undefined;

function setPath(root: JsonObject, segments: readonly OverlaySegment[], value: JsonValue): Outcome {
  let node: JsonValue = root;
  for (const [depth, segment] of segments.entries()) {
    const last = depth === segments.length - 1;
    if (segment.type === 'key') {
      if (!isObject(node)) return `${where(segments, depth)} is not a map`;
      if (last) {
        node[segment.key] = readValue(value, node[segment.key]);
        return undefined;
      }
      let next: JsonValue | undefined = node[segment.key];
      if (next === undefined || next === null) {
        const following = segments[depth + 1];
        next = following?.type === 'index' ? [] : {};
        if (following?.type === 'match' || following?.type === 'scalar')
          return `${where(segments, depth + 1)} is not there`;
        node[segment.key] = next;
      }
      node = next;
      continue;
    }
    if (!Array.isArray(node)) return `${where(segments, depth)} is not a list`;
    const index =
      segment.type === 'index' && (segment.index < 0 || segment.index >= node.length)
        ? node.length
        : findItem(node, segment);
    if (index === -1) return `the list ${where(segments, depth)} has no item ${formatSegment(segment)}`;
    if (last) {
      node[index] = readValue(value, node[index]);
      return undefined;
    }
    if (index === node.length) node.push({});
    node = node[index] as JsonValue;
  }
  return undefined;
}

function removePath(root: JsonObject, segments: readonly OverlaySegment[]): Outcome {
  let node: JsonValue = root;
  for (const [depth, segment] of segments.entries()) {
    const last = depth === segments.length - 1;
    if (segment.type === 'key') {
      if (!isObject(node) || !Object.hasOwn(node, segment.key))
        return `${where(segments, depth + 1)} is not there`;
      if (last) Reflect.deleteProperty(node, segment.key);
      else node = node[segment.key] as JsonValue;
      continue;
    }
    const index = Array.isArray(node) ? findItem(node, segment) : -1;
    if (!Array.isArray(node) || index === -1 || index >= node.length)
      return `${where(segments, depth + 1)} is not there`;
    if (last) node.splice(index, 1);
    else node = node[index] as JsonValue;
  }
  return undefined;
}

function findItem(list: readonly JsonValue[], segment: Exclude<OverlaySegment, { type: 'key' }>): number {
  switch (segment.type) {
    case 'index':
      return segment.index < 0 || segment.index >= list.length ? -1 : segment.index;
    case 'match':
      return list.findIndex((item) => isObject(item) && scalarText(item[segment.key]) === segment.value);
    case 'scalar': {
      const exact = list.findIndex((item) => scalarText(item) === segment.pattern);
      return exact === -1
        ? list.findIndex((item) => matchesPattern(scalarText(item), segment.pattern))
        : exact;
    }
  }
}

function scalarText(value: JsonValue | undefined): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

function matchesPattern(text: string | undefined, pattern: string): boolean {
  if (text === undefined) return false;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function where(segments: readonly OverlaySegment[], depth: number): string {
  return depth === 0 ? 'the object' : segments.slice(0, depth).map(formatSegment).join('.');
}

/**
 * A text that reads as a YAML map stands for that map (block text was the only way to write objects in old
 * overlays); but not where a text is replaced, such as a file in a ConfigMap, and JSON text stays text.
 */
function readValue(value: JsonValue, existing: JsonValue | undefined): JsonValue {
  if (typeof value !== 'string' || typeof existing === 'string') return structuredClone(value);
  const looksLikeMap = value.includes('\n') ? value.includes(':') : value.includes(': ');
  if (!looksLikeMap || /^\s*[{[]/.test(value)) return value;
  try {
    const [document] = parseYamlDocuments(value, 'overlay value');
    return isObject(document?.value) ? document.value : value;
  } catch {
    return value;
  }
}
