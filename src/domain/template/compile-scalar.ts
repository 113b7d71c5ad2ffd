/** Scalars of a template: texts, expressions and their places. */
import type { Problem } from '../../lib/errors.ts';
import type { YamlPlace, YamlScalar } from '../../lib/yaml.ts';
import { ExpressionError } from './expression-errors.ts';
import { checkExpression, parseTree } from './expression.ts';
import { splitInterpolation } from './interpolation.ts';
import { toProblem } from './problems.ts';
import { treeOf } from './tree-of.ts';
import type { Tree } from './tree.ts';
import type { Expression, Place, TemplateNode, TextPart } from './types.ts';

/** One file that is being compiled. */
export interface Compilation {
  readonly file: string;
  readonly problems: Problem[];
  /** Trees of the expressions met so far, by their text. */
  readonly trees: Record<string, Tree>;
}

/** Takes down what is wrong at a place. */
export function report(
  compilation: Compilation,
  at: YamlPlace,
  message: string,
  hint?: string,
  expression?: string,
): void {
  const position = { file: compilation.file, line: at.line, column: at.column };
  compilation.problems.push(toProblem({ message, hint, expression, position }));
}

/** A place as compiled templates have it. */
export function place(at: YamlPlace): Place {
  return [at.line, at.column];
}

/** A scalar as literal, expression or text. */
export function compileScalar(node: YamlScalar, compilation: Compilation): TemplateNode {
  const parts = compileText(node, compilation);
  const [only] = parts;
  if (parts.length === 0 || (parts.length === 1 && typeof only === 'string')) {
    return {
      type: 'literal',
      value: typeof node.value === 'string' ? ((only as string | undefined) ?? '') : node.value,
    };
  }
  if (parts.length === 1 && typeof only === 'object') return { type: 'expression', value: only };
  return { type: 'text', parts };
}

/** The parts of a scalar; none for a scalar that is not a string, or empty. */
export function compileText(node: YamlScalar, compilation: Compilation): TextPart[] {
  if (typeof node.value !== 'string') return [];
  const { parts, unclosedAt } = splitInterpolation(node.value);
  const first = parts.find((part) => typeof part !== 'string');
  if ((first !== undefined || unclosedAt !== undefined) && node.style !== 'double') {
    report(
      compilation,
      node,
      'an expression must stand in double quotes',
      'write "${...}", or $${ for a literal ${',
      first?.cel,
    );
    return [];
  }
  if (unclosedAt !== undefined) {
    report(
      compilation,
      node.placeAt(unclosedAt),
      'the expression has no closing }',
      'write $${ for a literal ${',
    );
  }
  return parts.map((part) => (typeof part === 'string' ? part : compileExpression(part, node, compilation)));
}

function compileExpression(
  part: { readonly cel: string; readonly start: number },
  node: YamlScalar,
  compilation: Compilation,
): Expression {
  try {
    compilation.trees[part.cel] ??= compileTree(part.cel);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    report(compilation, node.placeAt(part.start + error.offset), error.message, error.hint, part.cel);
  }
  const at = place(node.placeAt(part.start));
  return node.verbatim ? { cel: part.cel, at } : { cel: part.cel, at, folded: true };
}

function compileTree(cel: string): Tree {
  if (cel.trim() === '') throw new ExpressionError('the expression is empty', 0);
  const problem = checkExpression(cel);
  if (problem) throw problem;
  return treeOf(parseTree(cel));
}
