/** Which values a template reads. */
import { variableName, parseTree } from './expression.ts';
import type { CelNode } from './expression.ts';
import type { CompiledTemplate, Expression, MapNode, TemplateNode, TextPart } from './types.ts';

/** What an expression may stand for: paths below the root variable; empty when it is something computed. */
type Paths = readonly (readonly string[])[];

interface Tracing {
  readonly read: (paths: Paths) => void;
  /** Names that stand for values. */
  readonly aliases: ReadonlyMap<string, Paths>;
}

/**
 * The paths below `root` (default `values`) that the template reads, sorted: `global.logging.level`. List items and
 * computed keys are `[]`: `global.imagePullSecrets[]`, `env[].name`. A path that is read as a whole stands for all
 * below it; the empty path for everything. Keys with dots are written `["a.b"]`. Names of `$let`, `$as` and macros
 * are followed.
 */
export function collectValuePaths(template: CompiledTemplate, root = 'values'): string[] {
  const found = new Set<string>();
  const tracing: Tracing = {
    read: (paths) => paths.forEach((path) => found.add(formatPath(path))),
    aliases: new Map([[root, [[]]]]),
  };
  for (const document of template.documents) readNode(document, tracing);
  return [...found].sort();
}

const ANY = '[]';

function formatPath(path: readonly string[]): string {
  return path.reduce((text, key) => {
    if (key === ANY) return text + ANY;
    if (key.includes('.')) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function withAlias(tracing: Tracing, name: string, paths: Paths): Tracing {
  return { ...tracing, aliases: new Map(tracing.aliases).set(name, paths) };
}

function readNode(node: TemplateNode, tracing: Tracing): void {
  switch (node.type) {
    case 'literal':
      break;
    case 'expression':
      readExpression(node.value, tracing);
      break;
    case 'text':
      readText(node.parts, tracing);
      break;
    case 'list':
      for (const item of node.items) readNode(item, tracing);
      break;
    case 'map':
      readMap(node, tracing);
      break;
  }
}

function readMap(node: MapNode, outer: Tracing): void {
  let tracing = outer;
  for (const { name, value } of node.let ?? []) {
    let paths: Paths = [];
    if (value.type === 'expression') paths = trace(parseTree(value.value.cel), tracing);
    else readNode(value, tracing);
    tracing = withAlias(tracing, name, paths);
  }
  if (node.if) readExpression(node.if, tracing);
  if (node.each) {
    const items = below(trace(parseTree(node.each.over.cel), tracing), ANY);
    if (node.each.as === undefined) tracing.read(items);
    else tracing = withAlias(tracing, node.each.as, items);
  }
  for (const entry of node.entries) {
    if ('merge' in entry) {
      readExpression(entry.merge, tracing);
      continue;
    }
    if (typeof entry.key !== 'string') readText(entry.key, tracing);
    readNode(entry.value, tracing);
  }
}

function readText(parts: readonly TextPart[], tracing: Tracing): void {
  for (const part of parts) if (typeof part === 'object') readExpression(part, tracing);
}

function readExpression(expression: Expression, tracing: Tracing): void {
  tracing.read(trace(parseTree(expression.cel), tracing));
}

function readTree(node: CelNode, tracing: Tracing): void {
  tracing.read(trace(node, tracing));
}

function below(paths: Paths, key: string): Paths {
  return paths.map((path) => [...path, key]);
}

/** What a tree stands for. Everything that it reads on the way is recorded, what it stands for is not. */
function trace(node: CelNode, tracing: Tracing): Paths {
  switch (node.op) {
    case 'value':
      return [];
    case 'id':
      return tracing.aliases.get(variableName(node.args)) ?? [];
    case '.':
    case '.?':
      return below(trace(node.args[0], tracing), node.args[1]);
    case '[]':
    case '[?]': {
      const [left, index] = node.args;
      const isKey = index.op === 'value' && typeof index.args === 'string';
      if (!isKey) readTree(index, tracing);
      return below(trace(left, tracing), isKey ? index.args : ANY);
    }
    case '?:':
      readTree(node.args[0], tracing);
      return [...trace(node.args[1], tracing), ...trace(node.args[2], tracing)];
    case '!_':
    case '-_':
      readTree(node.args, tracing);
      return [];
    case 'map':
      for (const entry of node.args) entry.forEach((part) => readTree(part, tracing));
      return [];
    case 'call':
      return traceCall(node.args[0], node.args[1], tracing);
    case 'rcall':
      return traceMethod(node.args[0], node.args[1], node.args[2], tracing);
    default:
      node.args.forEach((part) => readTree(part, tracing));
      return [];
  }
}

/** Functions that give one of their arguments back, or all in one. */
const PASSING = new Set(['dyn', 'unlessEmpty', 'merge', 'compact', 'texts', 'intOrString']);

function traceCall(name: string, args: readonly CelNode[], tracing: Tracing): Paths {
  if (PASSING.has(name)) return args.flatMap((argument) => trace(argument, tracing));
  for (const argument of args) readTree(argument, tracing);
  return [];
}

function traceMethod(name: string, receiver: CelNode, args: readonly CelNode[], tracing: Tracing): Paths {
  const [first, second, third] = args;
  const isOptionalNamespace = receiver.op === 'id' && receiver.args === 'optional';
  if (isOptionalNamespace) return args.flatMap((argument) => trace(argument, tracing));
  if (name === 'bind' && first?.op === 'id' && second && third) {
    return trace(third, withAlias(tracing, variableName(first.args), trace(second, tracing)));
  }
  const paths = trace(receiver, tracing);
  switch (name) {
    case 'or':
    case 'orValue':
      return [...paths, ...(first ? trace(first, tracing) : [])];
    case 'value':
    case 'sort':
    case 'distinct':
    case 'flatten':
      return paths;
    case 'optMap':
    case 'optFlatMap':
      return first?.op === 'id' && second
        ? trace(second, withAlias(tracing, variableName(first.args), paths))
        : [];
    case 'map':
    case 'filter':
    case 'all':
    case 'exists':
    case 'exists_one':
      return traceComprehension(name, paths, args, tracing);
    default:
      tracing.read(paths);
      for (const argument of args) readTree(argument, tracing);
      return [];
  }
}

function traceComprehension(name: string, paths: Paths, args: readonly CelNode[], tracing: Tracing): Paths {
  const [variable, ...steps] = args;
  if (variable?.op !== 'id') return [];
  const inner = withAlias(tracing, variableName(variable.args), below(paths, ANY));
  if (name === 'filter') {
    for (const step of steps) readTree(step, inner);
    return paths;
  }
  for (const step of steps) readTree(step, inner);
  // Going through a list reads which items there are, even when no item is looked at.
  if (name !== 'map') return [];
  tracing.read(paths);
  return [];
}
