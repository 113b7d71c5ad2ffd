/** Findings of the schema check, told to the user: what is wrong, where, and what to write instead. */
import type { Problem } from '../../lib/errors.ts';
import { formatSetting } from './paths.ts';
import type { TreePath } from './paths.ts';
import { takesNull, typesOf } from './schema.ts';
import type { Schema, SchemaNode } from './schema.ts';
import { describeValue } from './schema-check.ts';
import type { SchemaFinding } from './schema-check.ts';
import { suggestSetting } from './suggest-setting.ts';

/** `where` ends the message: ` in --set`. `node` is the map that does not know the key at `depth` of `path`. */
export function explainUnknown(
  schema: Schema,
  path: TreePath,
  node: SchemaNode,
  where: string,
  depth = path.length - 1,
): Problem {
  const message = `unknown setting ${formatSetting(path)}${where}`;
  if (where.startsWith(' in --set') && /^(metadata|apiVersion|kind)$/.test(String(path[1]))) {
    return { message, hint: 'flags set what is below spec, write the rest into a file for -f' };
  }
  return { message, hint: hintUnknown(schema, path, node, depth) };
}

function hintUnknown(schema: Schema, path: TreePath, node: SchemaNode, depth: number): string | undefined {
  if (takesOnlyUnvalidated(node, String(path[depth])) && path[1] === 'values') {
    return `only unvalidatedValues takes it: write ${formatSetting(['spec', 'unvalidatedValues', ...path.slice(2)])}`;
  }
  const suggestion = suggestSetting(schema, path);
  if (suggestion) return `did you mean ${formatSetting(suggestion)}?`;
  const types = typesOf(node);
  if (types && !types.includes('object'))
    return `${formatSetting(path.slice(0, depth))} has no settings below it`;
  const keys = Object.keys(node.properties ?? {});
  return keys.length > 0 && keys.length <= 12 ? `there is ${keys.join(', ')}` : undefined;
}

function takesOnlyUnvalidated(node: SchemaNode, key: string): boolean {
  const keys = node['x-unvalidated'] ?? [];
  return keys.includes(key) || keys.includes('*');
}

/** A finding of the schema check as a problem; `where` ends the message. */
export function explainFinding(schema: Schema, finding: SchemaFinding, where: string): Problem {
  const setting = formatSetting(finding.path);
  switch (finding.type) {
    case 'unknown':
      return explainUnknown(schema, finding.path, finding.node, where);
    case 'missing':
      return { message: `${setting === '' ? 'the file' : setting} lacks ${finding.expected}${where}` };
    case 'conflict':
      return {
        message: `${setting} has ${finding.expected} together${where}`,
        hint: 'leave only one of them',
      };
    case 'wrong': {
      const message = `${setting} must be ${finding.expected}, found ${describeValue(finding.value)}${where}`;
      return { message, hint: hintWrong(finding) };
    }
  }
}

function hintWrong({ value, node, path }: SchemaFinding): string | undefined {
  if (node['x-unvalidated'] !== undefined && path[1] === 'values') {
    return `write ${formatSetting(['spec', 'unvalidatedValues', ...path.slice(2)])}`;
  }
  const types = typesOf(node) ?? [];
  if (value === null && !takesNull(node)) return 'leave it out, or give it a value';
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    return `write it in quotes: "${value}"`;
  }
  if (typeof value !== 'string') return undefined;
  const isBare = types.includes('boolean') ? /^(true|false)$/ : /^-?\d+(\.\d+)?$/;
  return !types.includes('string') && isBare.test(value) ? `write ${value} without quotes` : undefined;
}
