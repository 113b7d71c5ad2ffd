/** From texts to resources. Whatever cannot be read is a problem of its document; the rest goes on. */
import type { Problem, SourcePosition } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { readYaml } from '../../lib/yaml-fast.ts';
import type { YamlSyntaxError } from '../../lib/yaml-fast.ts';
import { splitDocuments } from './documents.ts';
import { SYSTEM_NAMESPACES } from './kinds.ts';
import { kindOf, readResource } from './resource.ts';
import { createSource, openDocument, openFile } from './source.ts';
import type { OpenDocument, OpenFile, SourceFile } from './source.ts';
import type { FieldPath, KindKey, Resource } from './types.ts';

export interface LoadOptions {
  /** Only these kinds; absent: all that the analysis knows. */
  readonly kinds?: ReadonlySet<KindKey> | undefined;
  /** For namespaced resources without one; empty: they stay without. */
  readonly defaultNamespace: string;
}

export interface LoadedFiles {
  /** In load order, each object once: a later definition replaces an earlier one. */
  readonly resources: readonly Resource[];
  /** One a document that could not be read. */
  readonly problems: readonly Problem[];
  /** Files with at least one such document. */
  readonly unreadableFiles: readonly string[];
  /** Definitions that a later one of the same object replaced. */
  readonly replaced: readonly { readonly earlier: Resource; readonly later: Resource }[];
}

/** Reads all `files` in their order. */
export function loadFiles(files: readonly SourceFile[], options: LoadOptions): LoadedFiles {
  const resources = new Map<string, Resource>();
  const problems: Problem[] = [];
  const unreadable = new Set<string>();
  const replaced: { earlier: Resource; later: Resource }[] = [];
  const collector: Collector = {
    options,
    add: (resource) => {
      const id = identityOf(resource, resources.size);
      const earlier = resources.get(id);
      if (earlier) {
        replaced.push({ earlier, later: resource });
        resources.delete(id);
      }
      resources.set(id, resource);
    },
    fail: (problem) => {
      problems.push(problem);
      if (problem.position) unreadable.add(problem.position.file);
    },
  };
  for (const file of files) loadFile(openFile(file), collector);
  return { resources: [...resources.values()], problems, unreadableFiles: [...unreadable], replaced };
}

interface Collector {
  readonly options: LoadOptions;
  add(resource: Resource): void;
  fail(problem: Problem): void;
}

/** What makes two definitions the same object. Objects without a name (`generateName`) are all different. */
function identityOf(resource: Resource, count: number): string {
  const { group, kind, namespace, name, cluster } = resource;
  return `${group}/${kind}/${namespace}/${name === '' ? `\u0000${count}` : name}/${cluster}`;
}

function loadFile(file: OpenFile, collector: Collector): void {
  if (file.name.endsWith('.json')) {
    const value = parseJson(file.text);
    if (value !== undefined) {
      const document = openDocument(file, { start: 0, end: file.text.length });
      loadValue(value, document, collector);
      return;
    }
  }
  for (const range of splitDocuments(file.text)) {
    const document = openDocument(file, range);
    const text = file.text.slice(range.start, range.end);
    const result = readYaml(text);
    if ('value' in result) loadValue(result.value, document, collector);
    else collector.fail(describeError(file, range.start, text, result.error));
  }
}

/** Templates of Helm are what people most often give instead of YAML; the parser has other words for them. */
function describeError(file: OpenFile, start: number, text: string, error: YamlSyntaxError): Problem {
  const template = text.indexOf('{{');
  if (template >= 0) {
    return {
      message: 'not valid YAML: {{ … }} belongs to a template',
      hint: 'render it first, such as helm template CHART | mesh analyze -',
      position: { file: file.name, ...file.lines().placeOf(start + template) },
    };
  }
  const { message, line, column } = error;
  const first = file.lines().placeOf(start).line;
  return {
    message: `not valid YAML: ${message}`,
    position: { file: file.name, line: first + line - 1, column },
  };
}

/** undefined: not JSON; the YAML reader will say where and why. */
function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function loadValue(value: JsonValue, document: OpenDocument, collector: Collector): void {
  if (value === null) return;
  const fail = (message: string, path: FieldPath = []): void =>
    collector.fail({ message, position: locate(document, value, path) });
  if (!isObject(value)) {
    fail('expected a Kubernetes object');
    return;
  }
  if (value['kind'] !== 'List') {
    loadObject(value, document, [], collector);
    return;
  }
  const items = value['items'] ?? [];
  if (!Array.isArray(items)) {
    fail('expected a list', ['items']);
    return;
  }
  for (const [index, item] of items.entries()) {
    if (isObject(item)) loadObject(item, document, ['items', index], collector);
    else fail('expected a Kubernetes object', ['items', index]);
  }
}

function loadObject(raw: JsonObject, document: OpenDocument, base: FieldPath, collector: Collector): void {
  const { kind } = raw;
  if (typeof kind !== 'string' || kind === '') {
    // A document without kind is not of Kubernetes; one with another apiVersion is only not ours.
    const what = kind === undefined ? 'the document has no kind' : 'kind is no text';
    collector.fail({ message: what, position: locate(document, raw, base) });
    return;
  }
  const info = kindOf(raw);
  const { kinds, defaultNamespace } = collector.options;
  if (!info || (kinds && !kinds.has(info.key))) return;
  const source = createSource(document, raw, base);
  const { resource, problems } = readResource(raw, info, { defaultNamespace, source });
  for (const { path, message } of problems) {
    collector.fail({ message: `${path.join('.')}: ${message}`, position: source.locate(path) });
  }
  if (problems.length > 0 || isSystem(resource)) return;
  collector.add(resource);
}

/** Whether a resource belongs to Kubernetes itself. */
export function isSystem(resource: Resource): boolean {
  const isNamespace = resource.kind === 'Namespace' && resource.group === '';
  return SYSTEM_NAMESPACES.has(isNamespace ? resource.name : resource.namespace);
}

function locate(document: OpenDocument, value: JsonValue, path: FieldPath): SourcePosition {
  return createSource(document, value, []).locate(path);
}
