/** The templates as such: every branch type-checks, and every setting that promises an effect is read. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  checkTemplate,
  collectValuePaths,
  standardDeclarations,
} from '../../../../src/domain/template/index.ts';
import { formatProblem } from '../../../../src/lib/errors.ts';
import { isObject } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { istiod, tagTemplateNames, templateNames } from './render.ts';

const templates = [...istiod.templates, ...(istiod.tagTemplates ?? [])];

test('every file of the folder is in the bundle', () => {
  const files = readdirSync(join(import.meta.dirname, '../../../../manifests/istiod')).filter(
    (name) => name.endsWith('.yaml') && name !== 'values.yaml',
  );
  expect([...templateNames, ...tagTemplateNames].sort()).toEqual(files.sort());
});

describe('every expression of every branch fits the schema', () => {
  test.each(templates.map((template) => [template.file, template] as const))('%s', (_, template) => {
    expect(checkTemplate(template, standardDeclarations(istiod.schema)).map(formatProblem)).toEqual([]);
  });
});

test('every setting of istiod is read by a template', () => {
  // `values-config.yaml` reads everything, and so would hide what nothing else reads.
  const read = templates
    .filter((template) => template.file !== 'values-config.yaml')
    .flatMap((template) => collectValuePaths(template));
  const isRead = (path: string): boolean =>
    read.some((other) => other === path || other.startsWith(`${path}[`) || path.startsWith(`${other}.`));
  const unread = leaves(istiod.schema).filter((path) => !isRead(path));
  expect(unread).toEqual([
    // Chooses a value set before templates see anything, as `profile` does.
    'compatibilityVersion',
    // Whether the component is rendered at all.
    'enabled',
    'profile',
    // Templates read it as the variables `revision`, `rev` and `suffix`.
    'revision',
  ]);
});

/** Paths of the settings that have an effect on this component. */
function leaves(schema: JsonObject, path = ''): string[] {
  const { properties, deprecated, description } = schema;
  if (deprecated === true || (description as string).startsWith('Read by') || path === 'pilot') return [];
  if (!isObject(properties)) return [path];
  return Object.entries(properties)
    .flatMap(([key, property]) => leaves(property as JsonObject, path === '' ? key : `${path}.${key}`))
    .sort();
}
