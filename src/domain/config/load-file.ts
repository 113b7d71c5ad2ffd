/** An IstioOperator file: read, brought into canonical form, and what is wrong with it as a file. */
import { MeshError } from '../../lib/errors.ts';
import type { Problem, SourcePosition } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parseYamlObject } from '../../lib/yaml.ts';
import type { YamlDocument } from '../../lib/yaml.ts';
import { normalize } from './normalize.ts';
import type { Normalized } from './normalize.ts';
import { findHostilePart, formatSetting, toPointer } from './paths.ts';
import type { TreePath } from './paths.ts';
import { resolveNode } from './schema.ts';
import type { Schema } from './schema.ts';
import type { SourceText } from './types.ts';

/** A file that can be merged. */
export interface OperatorFile {
  readonly name: string;
  readonly tree: JsonObject;
  /** Where the key or the value of a setting stands in the file. */
  readonly locate: (path: TreePath, what: 'key' | 'value') => SourcePosition;
  readonly warnings: readonly Problem[];
}

const HEADER = 'begin it with "apiVersion: install.istio.io/v1alpha1" and "kind: IstioOperator"';

/** The file, or all that is wrong with it. An empty `spec:` is an empty map; any `kind` is taken, as istioctl does. */
export function loadOperatorFile(
  source: SourceText,
  schema: Schema,
): OperatorFile | { readonly problems: readonly Problem[] } {
  const name = source.name === '-' ? '<stdin>' : source.name;
  let document: YamlDocument & { readonly value: JsonObject };
  try {
    document = parseYamlObject(source.text, name);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    return {
      problems: [
        { message: error.message, position: error.position, hint: error.hint ?? hintFor(error.message) },
      ],
    };
  }
  const problems = checkForm(document);
  if (problems.length > 0) return { problems };
  const normalized = normalize(document.value, schema, resolveNode(schema, schema.root), []);
  const tree = normalized.value as JsonObject;
  const locate = (path: TreePath, what: 'key' | 'value'): SourcePosition =>
    document.locate(asWritten(path, normalized.written), what);
  const twice = normalized.twice.map((path) => ({
    message: `${formatSetting(path)} is given in two spellings`,
    hint: 'leave only one of them',
    position: locate(path, 'key'),
  }));
  if (twice.length > 0) return { problems: twice };
  return {
    name,
    tree: tree['spec'] === null ? { ...tree, spec: {} } : tree,
    locate,
    warnings: [...warnOfKind(document), ...warnOfFractions(normalized.fractions, locate)],
  };
}

function hintFor(message: string): string | undefined {
  if (message.includes('several')) return 'give each document a file of its own, with one -f each';
  return message.includes('empty') || message.includes('expected a map') ? HEADER : undefined;
}

function checkForm(document: YamlDocument & { readonly value: JsonObject }): Problem[] {
  const { kind, spec } = document.value;
  const problems: Problem[] = [];
  const hostile = findHostilePart(document.value);
  if (hostile) {
    const message = `${formatSetting(hostile.path)} ${hostile.what}`;
    problems.push({ message, position: document.locate(hostile.path, 'key') });
  }
  if (kind === undefined || kind === null || kind === '') {
    problems.push({ message: 'the file has no kind', hint: HEADER, position: document.start });
  }
  if (spec !== undefined && spec !== null && !isObject(spec)) {
    problems.push({ message: 'spec must be a map', position: document.locate(['spec'], 'value') });
  }
  return problems;
}

function warnOfKind(document: YamlDocument & { readonly value: JsonObject }): Problem[] {
  const { kind } = document.value;
  if (kind === 'IstioOperator') return [];
  return [
    {
      message: `kind ${JSON.stringify(kind)} is read as an IstioOperator`,
      hint: 'write kind: IstioOperator',
      position: document.locate(['kind'], 'value'),
    },
  ];
}

/** YAML drops the zeros at the end of a number: `tag: 1.20` is 1.2. */
export function warnOfFractions(
  fractions: Normalized['fractions'],
  locate?: (path: TreePath, what: 'key' | 'value') => SourcePosition,
): Problem[] {
  return fractions.map(({ path, text }) => ({
    message: `${formatSetting(path)} was read as the number ${text}, zeros at its end are lost`,
    hint: `write it in quotes: "${text}"`,
    position: locate?.(path, 'value'),
  }));
}

function asWritten(path: TreePath, written: ReadonlyMap<string, string>): TreePath {
  if (written.size === 0) return path;
  return path.map((key, index) => written.get(toPointer(path.slice(0, index + 1))) ?? key);
}
