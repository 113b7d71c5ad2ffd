/** Text of a template file ─► CompiledTemplate. Everything wrong with the file is collected and thrown together. */
import { throwProblems } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import { parseYamlTrees } from '../../lib/yaml.ts';
import type { YamlNode, YamlPlace, YamlScalar } from '../../lib/yaml.ts';
import { compileScalar, compileText, place, report } from './compile-scalar.ts';
import type { Compilation } from './compile-scalar.ts';
import { isUsableName } from './names.ts';
import { comparePlaces } from './problems.ts';
import type { Tree } from './tree.ts';
import type { CompiledTemplate, Expression, LetBinding, MapEntry, MapNode, TemplateNode } from './types.ts';

const DIRECTIVES = ['$let', '$if', '$each', '$as', '$merge'];
/** Deeper than any Kubernetes object, and shallow enough for recursion. */
const MAX_DEPTH = 200;

/** Where a map stands decides what `$each` means there. */
type Position = 'document' | 'item' | 'value';

/**
 * Compiles the YAML text of a template. The result is plain JSON.
 * Throws a `template` MeshError that lists all problems, each with its place: invalid YAML, unknown directives,
 * keys given twice, expressions that are not double-quoted or not valid CEL.
 */
export function compileTemplate(source: { readonly file: string; readonly text: string }): CompiledTemplate {
  const compilation: Compilation = {
    file: source.file,
    problems: [],
    trees: Object.create(null) as Record<string, Tree>,
  };
  const { documents, problems } = parseYamlTrees(source.text);
  for (const problem of problems) report(compilation, problem, problem.message, problem.hint);
  const compiled = documents.map((document) => compileNode(document, 'document', 0, compilation));
  const found = compilation.problems.sort(comparePlaces);
  throwProblems('template', found, `${source.file} has ${found.length} problems.`);
  return { file: source.file, documents: compiled, trees: { ...compilation.trees } };
}

function compileNode(
  node: YamlNode,
  position: Position,
  depth: number,
  compilation: Compilation,
): TemplateNode {
  if (depth > MAX_DEPTH) {
    if (depth === MAX_DEPTH + 1) report(compilation, node, `nested deeper than ${MAX_DEPTH} levels`);
    return { type: 'literal', value: null };
  }
  switch (node.kind) {
    case 'map':
      return compileMap(node, position, depth, compilation);
    case 'list':
      return {
        type: 'list',
        at: place(node),
        items: node.items.map((item) => compileNode(item, 'item', depth + 1, compilation)),
      };
    case 'scalar':
      return compileScalar(node, compilation);
  }
}

type YamlEntry = Extract<YamlNode, { kind: 'map' }>['entries'][number];

function compileMap(
  node: Extract<YamlNode, { kind: 'map' }>,
  position: Position,
  depth: number,
  compilation: Compilation,
): MapNode {
  const entries: MapEntry[] = [];
  const directives = new Map<string, YamlEntry>();
  const seen = new Set<string>();
  for (const entry of node.entries) {
    const name = keyName(entry.key, compilation);
    if (name === undefined) continue;
    if (seen.has(name)) report(compilation, entry.key, `key ${JSON.stringify(name)} is given twice`);
    seen.add(name);
    if (isDirective(name)) {
      directives.set(name, entry);
      if (name === '$merge') {
        const merge = directiveExpression(name, entry, compilation);
        if (merge) entries.push({ merge, at: place(entry.key) });
      } else if (!DIRECTIVES.includes(name)) reportUnknown(name, entry.key, compilation);
      continue;
    }
    const parts = compileText(entry.key as YamlScalar, compilation);
    const key = parts.every((part) => typeof part === 'string') ? (parts[0] ?? name) : parts;
    entries.push({
      key,
      value: compileNode(entry.value, 'value', depth + 1, compilation),
      at: place(entry.key),
    });
  }
  return withDirectives({ type: 'map', at: place(node), entries }, directives, position, depth, compilation);
}

function keyName(key: YamlNode, compilation: Compilation): string | undefined {
  if (key.kind === 'scalar' && key.value === '<<') {
    report(compilation, key, 'the merge key << is not supported', 'use $merge');
    return undefined;
  }
  if (key.kind === 'scalar' && key.value !== null) return String(key.value);
  report(compilation, key, 'a key must be a string');
  return undefined;
}

function isDirective(name: string): boolean {
  return /^\$[A-Za-z]/.test(name);
}

function reportUnknown(name: string, key: YamlNode, compilation: Compilation): void {
  const near = nearestName(name, DIRECTIVES);
  report(
    compilation,
    key,
    `unknown directive ${name}`,
    near ? `did you mean ${near}?` : `there are ${DIRECTIVES.join(', ')}`,
  );
}

/** The value of a directive that takes one expression. */
function directiveExpression(
  name: string,
  entry: YamlEntry,
  compilation: Compilation,
): Expression | undefined {
  const before = compilation.problems.length;
  const compiled = entry.value.kind === 'scalar' ? compileScalar(entry.value, compilation) : undefined;
  if (compiled?.type === 'expression') return compiled.value;
  if (compilation.problems.length === before) {
    report(compilation, entry.value, `${name} needs one expression`, `write ${name}: "\${...}"`);
  }
  return undefined;
}

function withDirectives(
  map: MapNode,
  directives: ReadonlyMap<string, YamlEntry>,
  position: Position,
  depth: number,
  compilation: Compilation,
): MapNode {
  const letEntry = directives.get('$let');
  const ifEntry = directives.get('$if');
  const condition = ifEntry && directiveExpression('$if', ifEntry, compilation);
  const each = compileEach(map, directives, position, compilation);
  return {
    ...map,
    ...(letEntry ? { let: compileLet(letEntry, depth, compilation) } : {}),
    ...(condition ? { if: condition } : {}),
    ...(each ? { each } : {}),
  };
}

function compileLet(entry: YamlEntry, depth: number, compilation: Compilation): LetBinding[] {
  if (entry.value.kind !== 'map') {
    report(compilation, entry.value, '$let needs a map of names', 'write $let: {name: "${...}"}');
    return [];
  }
  const seen = new Set<string>();
  return entry.value.entries.flatMap(({ key, value }) => {
    const name = keyName(key, compilation);
    if (name === undefined) return [];
    if (seen.has(name)) report(compilation, key, `name ${JSON.stringify(name)} is given twice`);
    seen.add(name);
    checkName(name, key, compilation);
    return [{ name, value: compileNode(value, 'value', depth + 1, compilation), at: place(key) }];
  });
}

function compileEach(
  map: MapNode,
  directives: ReadonlyMap<string, YamlEntry>,
  position: Position,
  compilation: Compilation,
): MapNode['each'] | undefined {
  const eachEntry = directives.get('$each');
  const asEntry = directives.get('$as');
  if (!eachEntry) {
    if (asEntry) report(compilation, asEntry.key, '$as without $each', 'add $each: "${list or map}"');
    return undefined;
  }
  if (position === 'value') {
    report(
      compilation,
      eachEntry.key,
      '$each makes list items or documents, not the value of a key',
      'put it into a list item, or use $merge: "${list.map(item, {...})}"',
    );
  }
  const over = directiveExpression('$each', eachEntry, compilation);
  if (map.entries.length > 0 && !asEntry) {
    report(compilation, eachEntry.key, '$each needs $as beside other keys', 'add $as: name');
  }
  if (asEntry && map.entries.length === 0) {
    report(
      compilation,
      asEntry.key,
      '$as without keys that use it',
      'remove $as: $each alone gives the items themselves',
    );
  }
  const name = asEntry?.value.kind === 'scalar' ? asEntry.value.value : undefined;
  if (!asEntry) return over && { over };
  if (typeof name !== 'string') {
    report(compilation, asEntry.value, '$as needs a name', 'write $as: name');
    return undefined;
  }
  checkName(name, asEntry.value, compilation);
  return over && { over, as: name, asAt: place(asEntry.value) };
}

function checkName(name: string, at: YamlPlace, compilation: Compilation): void {
  if (isUsableName(name)) return;
  report(
    compilation,
    at,
    `${JSON.stringify(name)} cannot be a name`,
    'names are letters, digits and _, and no word of CEL',
  );
}
