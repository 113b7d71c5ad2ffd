/** CompiledTemplate + scope ─► documents. */
import { MeshError, messageOf } from '../../lib/errors.ts';
import type { SourcePosition } from '../../lib/errors.ts';
import type { JsonValue } from '../../lib/json.ts';
import {
  ABSENT,
  describeType,
  fromCel,
  isCelMap,
  mergeMaps,
  NotJsonError,
  scalarText,
  setKey,
  unwrap,
} from './cel-values.ts';
import type { CelMap, CelValue } from './cel-values.ts';
import { evaluateTree } from './evaluate.ts';
import { ExpressionError } from './expression-errors.ts';
import { placeInExpression, toProblem } from './problems.ts';
import type { Tree } from './tree.ts';
import { scopeVariables, withLazyVariable, withVariable } from './variables.ts';
import type { Variables } from './variables.ts';
import type { CompiledTemplate, Expression, MapNode, Place, Scope, TemplateNode, TextPart } from './types.ts';

/** More than any mesh has; templates that make more are a mistake or an attack. */
const MAX_NODES = 1_000_000;
/** Of a list in items, of a text in characters; keeps doubling from filling the memory. */
const MAX_LENGTH = 10_000_000;

/** What one rendering knows. */
interface Rendering {
  readonly file: string;
  readonly trees: Readonly<Record<string, Tree>>;
  /** The document that is being made: errors name its kind. */
  document: TemplateNode | undefined;
  nodes: number;
}

/**
 * The documents of a template, in order, as fresh JSON. `scope` must not change afterwards: its integers are
 * converted once for all templates that are rendered with it.
 * Throws a `template` MeshError with file, line, column and the expression, and a `config` one for `fail()`.
 */
export function renderTemplate(template: CompiledTemplate, scope: Scope): JsonValue[] {
  const rendering: Rendering = {
    file: template.file,
    trees: template.trees,
    document: undefined,
    nodes: 0,
  };
  const variables = scopeVariables(scope);
  const documents: JsonValue[] = [];
  for (const document of template.documents) {
    rendering.document = document;
    for (const made of renderItems(document, variables, rendering)) {
      const json = finish(made, rendering);
      if (json !== undefined) documents.push(json);
    }
  }
  return documents;
}

function finish(made: CelValue, rendering: Rendering): JsonValue | undefined {
  try {
    return fromCel(made, () => countNode(rendering));
  } catch (error) {
    if (error instanceof NotJsonError) throw failure(rendering, startOf(rendering.document), error.message);
    if (error instanceof RangeError)
      throw failure(rendering, startOf(rendering.document), 'the data is nested too deeply');
    throw error;
  }
}

function countNode(rendering: Rendering): void {
  rendering.nodes += 1;
  if (rendering.nodes > MAX_NODES) {
    throw failure(rendering, startOf(rendering.document), `the template makes more than ${MAX_NODES} nodes`);
  }
}

/** The value of a node, undefined when it is absent. */
function renderNode(node: TemplateNode, variables: Variables, rendering: Rendering): CelValue | undefined {
  countNode(rendering);
  switch (node.type) {
    case 'literal':
      return typeof node.value === 'number' && Number.isSafeInteger(node.value)
        ? BigInt(node.value)
        : node.value;
    case 'expression':
      return unwrap(evaluate(node.value, variables, rendering));
    case 'text':
      return renderText(node.parts, variables, rendering);
    case 'list':
      return node.items.flatMap((item) => renderItems(item, variables, rendering));
    case 'map': {
      const own = openMap(node, variables, rendering);
      return own && renderEntries(node, own, rendering);
    }
  }
}

/** What a list item or document gives: nothing, itself, or one value for each item of `$each`. */
function renderItems(node: TemplateNode, variables: Variables, rendering: Rendering): CelValue[] {
  if (node.type !== 'map' || !node.each) {
    const value = renderNode(node, variables, rendering);
    return value === undefined ? [] : [value];
  }
  const own = openMap(node, variables, rendering);
  if (!own) return [];
  const { over, as } = node.each;
  const items = itemsOf(over, own, rendering);
  if (as === undefined) {
    return items.filter((item) => {
      countNode(rendering);
      return unwrap(item) !== undefined;
    });
  }
  return items.map((item) => {
    countNode(rendering);
    return renderEntries(node, withVariable(own, as, item), rendering);
  });
}

function itemsOf(over: Expression, variables: Variables, rendering: Rendering): CelValue[] {
  const value = unwrap(evaluate(over, variables, rendering));
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  if (!isCelMap(value))
    throw expressionFailure(rendering, over, `$each needs a list or a map, got ${describeType(value)}`);
  return Object.keys(value)
    .sort()
    .map((key) => ({ key, value: value[key] as CelValue }));
}

/** Names the values of `$let`, which are worked out when they are first read, and evaluates `$if`: the variables of the map, or undefined when it is switched off. */
function openMap(node: MapNode, outer: Variables, rendering: Rendering): Variables | undefined {
  let variables = outer;
  for (const { name, value } of node.let ?? []) {
    const scope = variables;
    variables = withLazyVariable(scope, name, () => bind(value, scope, rendering));
  }
  if (!node.if) return variables;
  const condition = evaluate(node.if, variables, rendering);
  if (typeof condition !== 'boolean') {
    throw expressionFailure(rendering, node.if, `$if needs true or false, got ${describeType(condition)}`);
  }
  return condition ? variables : undefined;
}

/** The value of a name. An optional stays one, so that an absent value can be asked for with `.hasValue()`. */
function bind(node: TemplateNode, variables: Variables, rendering: Rendering): CelValue {
  if (node.type === 'expression') return evaluate(node.value, variables, rendering);
  return renderNode(node, variables, rendering) ?? ABSENT;
}

function renderEntries(node: MapNode, variables: Variables, rendering: Rendering): CelMap {
  let map: CelMap = {};
  for (const entry of node.entries) {
    if ('merge' in entry) continue;
    const key = typeof entry.key === 'string' ? entry.key : renderKey(entry.key, variables, rendering);
    if (key === undefined) continue;
    const value = renderNode(entry.value, variables, rendering);
    if (value === undefined) continue;
    if (Object.hasOwn(map, key))
      throw failure(rendering, entry.at, `key ${JSON.stringify(key)} is given twice`);
    setKey(map, key, value);
  }
  for (const entry of node.entries) {
    if ('merge' in entry) map = mergeInto(map, entry.merge, variables, rendering);
  }
  return map;
}

function mergeInto(map: CelMap, merge: Expression, variables: Variables, rendering: Rendering): CelMap {
  const value = unwrap(evaluate(merge, variables, rendering));
  if (value === undefined || value === null) return map;
  let merged = map;
  for (const item of Array.isArray(value) ? value : [value]) {
    const over = unwrap(item);
    if (over === undefined || over === null) continue;
    if (!isCelMap(over))
      throw expressionFailure(
        rendering,
        merge,
        `$merge needs a map or a list of maps, got ${describeType(over)}`,
      );
    merged = mergeMaps(merged, over);
  }
  return merged;
}

/** A computed key; undefined when its only expression is absent. */
function renderKey(
  parts: readonly TextPart[],
  variables: Variables,
  rendering: Rendering,
): string | undefined {
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') {
    const value = unwrap(evaluate(only, variables, rendering));
    return value === undefined ? undefined : partText(only, value, rendering);
  }
  return renderText(parts, variables, rendering);
}

function renderText(parts: readonly TextPart[], variables: Variables, rendering: Rendering): string {
  let text = '';
  for (const part of parts) {
    text +=
      typeof part === 'string'
        ? part
        : partText(part, unwrap(evaluate(part, variables, rendering)), rendering);
  }
  return text;
}

function partText(part: Expression, value: CelValue | undefined, rendering: Rendering): string {
  const text = scalarText(value);
  if (text !== undefined) return text;
  const hint =
    value === undefined || value === null ? "write text(x) or x.orValue('')" : 'write toJson(x) or toYaml(x)';
  throw expressionFailure(
    rendering,
    part,
    `text needs a string, a number or a boolean, got ${describeType(value)}`,
    0,
    hint,
  );
}

function evaluate(expression: Expression, variables: Variables, rendering: Rendering): CelValue {
  try {
    const value = evaluateTree(rendering.trees[expression.cel] as Tree, variables);
    if ((Array.isArray(value) || typeof value === 'string') && value.length > MAX_LENGTH) {
      throw new ExpressionError(`the value is too large: a ${describeType(value)} of ${value.length}`, 0);
    }
    return value;
  } catch (error) {
    if (error instanceof RangeError)
      throw expressionFailure(rendering, expression, 'the value is too large', 0, undefined, error);

    if (!(error instanceof ExpressionError)) throw error;
    if (error.isFailCall)
      throw new MeshError('config', error.message, { position: positionOf(rendering, expression) });
    throw expressionFailure(rendering, expression, messageOf(error), error.offset, error.hint, error);
  }
}

function expressionFailure(
  rendering: Rendering,
  expression: Expression,
  message: string,
  offset = 0,
  hint?: string,
  cause?: unknown,
): MeshError {
  const { line, column } = placeInExpression(expression, offset);
  return failure(rendering, [line, column], message, expression.cel, hint, cause);
}

function failure(
  rendering: Rendering,
  at: Place,
  message: string,
  expression?: string,
  hint?: string,
  cause?: unknown,
): MeshError {
  const kind = kindOf(rendering.document);
  const position = { file: rendering.file, line: at[0], column: at[1] };
  const problem = toProblem({ message: kind ? `${kind}: ${message}` : message, expression, position, hint });
  return new MeshError('template', problem.message, { position, hint, cause });
}

function positionOf(rendering: Rendering, expression: Expression): SourcePosition {
  return { file: rendering.file, line: expression.at[0], column: expression.at[1] };
}

function startOf(document: TemplateNode | undefined): Place {
  if (document && 'at' in document) return document.at;
  return document?.type === 'expression' ? document.value.at : [1, 1];
}

function kindOf(document: TemplateNode | undefined): string | undefined {
  if (document?.type !== 'map') return undefined;
  const entry = document.entries.find((candidate) => 'key' in candidate && candidate.key === 'kind');
  if (!entry || !('value' in entry) || entry.value.type !== 'literal') return undefined;
  return typeof entry.value.value === 'string' ? entry.value.value : undefined;
}
