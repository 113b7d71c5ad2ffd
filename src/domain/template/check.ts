/** Type-checks a compiled template, every branch of it, against the schemas of what its expressions see. */
import type { JsonObject } from '../../lib/json.ts';
import { inferExpression } from './check-expression.ts';
import { overlaps } from './check-operators.ts';
import type { Binding, CheckScope } from './check-scope.ts';
import {
  alternatives,
  BOOL,
  DYN,
  entryType,
  formatType,
  listOf,
  mergeTypes,
  OPEN_MAP,
  optionalOf,
  orAnything,
  recordOf,
  STRING,
  typeOfLiteral,
  typeOfSchema,
  unionOf,
  unwrapType,
} from './check-types.ts';
import type { CheckType, MapType } from './check-types.ts';
import { comparePlaces, placeInExpression } from './problems.ts';
import type {
  CompiledTemplate,
  Expression,
  MapNode,
  Place,
  TemplateNode,
  TemplateProblem,
  TextPart,
} from './types.ts';

/**
 * JSON Schemas (2020-12) of the variables, by name: `{values: <values.schema.json>, namespace: {type: 'string'}, ...}`.
 * A schema `{}` or `true` stands for anything. See `standardDeclarations`.
 */
export type TemplateDeclarations = Readonly<Record<string, JsonObject>>;

interface TemplateCheck {
  readonly file: string;
  readonly problems: TemplateProblem[];
}

/** The variables that manifests/README.md promises, with the schema of a component's values. */
export function standardDeclarations(values: JsonObject): TemplateDeclarations {
  const text: JsonObject = { type: 'string' };
  const texts: JsonObject = { type: 'object', additionalProperties: text };
  return {
    values,
    given: { type: 'object' },
    merged: { type: 'object' },
    revision: text,
    rev: text,
    suffix: text,
    namespace: text,
    istioNamespace: text,
    component: text,
    instance: text,
    labels: texts,
    version: text,
    kubernetesVersion: text,
    files: texts,
  };
}

/**
 * Everything wrong with the expressions of a template, in order of appearance: unknown keys, names and functions,
 * types that cannot fit, texts made of maps or of values that may be absent, names of `$let` and `$as` never used.
 */
export function checkTemplate(
  template: CompiledTemplate,
  declarations: TemplateDeclarations,
): TemplateProblem[] {
  const check: TemplateCheck = { file: template.file, problems: [] };
  const bindings = new Map<string, Binding>();
  for (const [name, schema] of Object.entries(declarations)) {
    bindings.set(name, { type: typeOfSchema(schema, schema), used: true });
  }
  const scope: CheckScope = { bindings, outer: undefined };
  for (const document of template.documents) {
    const type = itemType(document, scope, check);
    if (!overlaps(unwrapType(type), OPEN_MAP)) {
      addProblem(check, placeOf(document), `a document must be a map, got ${formatType(type)}`);
    }
  }
  return check.problems.sort(comparePlaces);
}

function placeOf(node: TemplateNode): Place {
  if ('at' in node) return node.at;
  return node.type === 'expression' ? node.value.at : [1, 1];
}

function addProblem(
  check: TemplateCheck,
  at: Place,
  message: string,
  hint?: string,
  expression?: string,
): void {
  const position = { file: check.file, line: at[0], column: at[1] };
  const problem = { message, position, hint, expression };
  const isKnown = check.problems.some(
    (other) =>
      other.message === message &&
      other.position.line === position.line &&
      other.position.column === position.column,
  );
  if (!isKnown) check.problems.push(problem);
}

function infer(expression: Expression, scope: CheckScope, check: TemplateCheck): CheckType {
  return inferExpression(expression.cel, scope, (offset, message, hint) => {
    const { line, column } = placeInExpression(expression, offset);
    addProblem(check, [line, column], message, hint, expression.cel);
  });
}

/** The type of a node; an optional when it may be switched off. */
function nodeType(node: TemplateNode, scope: CheckScope, check: TemplateCheck): CheckType {
  switch (node.type) {
    case 'literal':
      return typeOfLiteral(node.value);
    case 'expression':
      return infer(node.value, scope, check);
    case 'text':
      checkText(node.parts, scope, check);
      return STRING;
    case 'list':
      return listOf(unionOf(node.items.map((item) => unwrapType(itemType(item, scope, check)))));
    case 'map': {
      const own = openMap(node, scope, check);
      const type = entriesType(node, own.scope, check);
      own.close();
      return node.if ? optionalOf(type) : type;
    }
  }
}

/** The type of what a list item or document gives. */
function itemType(node: TemplateNode, scope: CheckScope, check: TemplateCheck): CheckType {
  if (node.type !== 'map' || !node.each) return nodeType(node, scope, check);
  const own = openMap(node, scope, check);
  const { over, as, asAt } = node.each;
  const item = eachType(infer(over, own.scope, check), over, check);
  let type = item;
  if (as !== undefined) {
    const bound = bind(own.scope, as, orAnything(item));
    type = entriesType(node, bound.scope, check);
    if (!bound.binding.used) addProblem(check, asAt ?? node.at, `$as: ${as} is never used`);
  }
  own.close();
  return type;
}

function eachType(over: CheckType, expression: Expression, check: TemplateCheck): CheckType {
  const items = alternatives(unwrapType(over)).flatMap((type): CheckType[] => {
    switch (type.kind) {
      case 'dyn':
        return [DYN];
      case 'list':
        return [type.item];
      case 'map':
        return [
          recordOf(
            new Map([
              ['key', STRING],
              ['value', entryType(type)],
            ]),
          ),
        ];
      // Nothing to go through.
      case 'null':
        return [unionOf([])];
      default:
        return [];
    }
  });
  if (items.length > 0 || alternatives(unwrapType(over)).length === 0) return unionOf(items);
  addProblem(
    check,
    expression.at,
    `$each needs a list or a map, got ${formatType(over)}`,
    undefined,
    expression.cel,
  );
  return DYN;
}

/** Checks `$let` and `$if`. `close` reports the names that nothing used. */
function openMap(
  node: MapNode,
  outer: CheckScope,
  check: TemplateCheck,
): { scope: CheckScope; close: () => void } {
  let scope = outer;
  const unused: (() => void)[] = [];
  for (const { name, value, at } of node.let ?? []) {
    const bound = bind(scope, name, nodeType(value, scope, check));
    scope = bound.scope;
    unused.push(() => {
      if (!bound.binding.used) addProblem(check, at, `$let ${name} is never used`);
    });
  }
  if (node.if) {
    const type = infer(node.if, scope, check);
    if (!alternatives(type).some(({ kind }) => kind === 'dyn' || kind === 'bool')) {
      const hint = `write truthy(${node.if.cel.trim()})`;
      addProblem(check, node.if.at, `$if needs a bool, got ${formatType(type)}`, hint, node.if.cel);
    }
  }
  return { scope, close: () => unused.forEach((report) => report()) };
}

function bind(outer: CheckScope, name: string, type: CheckType): { scope: CheckScope; binding: Binding } {
  const binding: Binding = { type, used: false };
  return { binding, scope: { outer, bindings: new Map([[name, binding]]) } };
}

function entriesType(node: MapNode, scope: CheckScope, check: TemplateCheck): MapType {
  const fields = new Map<string, CheckType>();
  const others: CheckType[] = [];
  const merged: MapType[] = [];
  for (const entry of node.entries) {
    if ('merge' in entry) {
      merged.push(mergedType(infer(entry.merge, scope, check), entry.merge, check));
      continue;
    }
    // An entry that is absent is left out; one that is there is no optional any more.
    const type = unwrapType(nodeType(entry.value, scope, check));
    if (typeof entry.key === 'string') {
      fields.set(entry.key, type);
      continue;
    }
    checkKey(entry.key, scope, check);
    others.push(type);
  }
  const own = recordOf(fields, others.length > 0 ? unionOf(others) : undefined);
  return merged.reduce(mergeTypes, own);
}

function mergedType(type: CheckType, expression: Expression, check: TemplateCheck): MapType {
  const maps = alternatives(unwrapType(type)).flatMap((kind) => {
    return kind.kind === 'list' ? alternatives(unwrapType(kind.item)) : [kind];
  });
  if (maps.length > 0 && !maps.some(({ kind }) => kind === 'map' || kind === 'dyn' || kind === 'null')) {
    const message = `$merge needs a map or a list of maps, got ${formatType(type)}`;
    addProblem(check, expression.at, message, undefined, expression.cel);
  }
  return maps
    .flatMap((kind) => (kind.kind === 'map' ? [kind] : kind.kind === 'dyn' ? [OPEN_MAP] : []))
    .reduce(mergeTypes, recordOf(new Map()));
}

/** A lone expression as key may be absent: then the entry is. */
function checkKey(parts: readonly TextPart[], scope: CheckScope, check: TemplateCheck): void {
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object')
    checkScalar(only, unwrapType(infer(only, scope, check)), check);
  else checkText(parts, scope, check);
}

function checkText(parts: readonly TextPart[], scope: CheckScope, check: TemplateCheck): void {
  for (const part of parts) {
    if (typeof part === 'object') checkScalar(part, infer(part, scope, check), check);
  }
}

const TEXT = unionOf([STRING, BOOL, { kind: 'int' }, { kind: 'uint' }, { kind: 'double' }]);

function checkScalar(part: Expression, type: CheckType, check: TemplateCheck): void {
  if (alternatives(type).some(({ kind }) => kind === 'optional')) {
    const hint = `write text(${part.cel.trim()}) or .orValue('')`;
    addProblem(
      check,
      part.at,
      `text is made of a value that may be absent (${formatType(type)})`,
      hint,
      part.cel,
    );
  } else if (!overlaps(type, TEXT)) {
    addProblem(
      check,
      part.at,
      `text needs a string, a number or a boolean, got ${formatType(type)}`,
      undefined,
      part.cel,
    );
  }
}
