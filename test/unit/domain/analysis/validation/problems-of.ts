/** What the validation of one resource says, in a form for tables: `E spec.http[0].timeout`, `W spec`. */
import { describe, expect, it } from '@jest/globals';
import { findKind } from '../../../../../src/domain/analysis/kinds.ts';
import { readResource } from '../../../../../src/domain/analysis/resource.ts';
import { schemaValidation } from '../../../../../src/domain/analysis/rules/schema-validation.ts';
import type { Finding, Resource } from '../../../../../src/domain/analysis/types.ts';
import { createContext } from '../../../../../src/domain/analysis/context.ts';
import { formatFieldPath } from '../../../../../src/domain/analysis/validation/problem.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { parseYamlObject } from '../../../../../src/lib/yaml.ts';

export interface TestResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** `spec` is YAML, without the key `spec`. */
export function readTestResource(resource: TestResource, spec: string): Resource {
  const { apiVersion, kind, name = 'test', namespace = 'default' } = resource;
  const value: JsonObject = parseYamlObject(`spec: ${spec}`, 'test').value;
  const raw: JsonObject = { apiVersion, kind, metadata: { name, namespace }, ...value };
  const info = findKind(apiVersion, kind);
  if (!info) throw new Error(`no kind ${apiVersion} ${kind}`);
  const { resource: read, problems } = readResource(raw, info, {});
  if (problems.length > 0) throw new Error(`the spec cannot be read: ${JSON.stringify(problems)}`);
  return read;
}

/** All findings of the rule of this kind. */
export function findingsOf(resource: TestResource, spec: string): Finding[] {
  const rule = schemaValidation.find(({ name }) => name.endsWith(`.${resource.kind}`));
  if (!rule) throw new Error(`no rule for ${resource.kind}`);
  const context = createContext([readTestResource(resource, spec)], {
    meshConfig: {},
    meshNetworks: {},
    istioNamespace: 'istio-system',
  });
  return rule.check(context);
}

const LEVELS: Readonly<Record<string, string>> = { IST0106: 'E', IST0133: 'W' };

/** Level (or code) and path of each finding. */
export function problemsOf(resource: TestResource, spec: string): string[] {
  return findingsOf(resource, spec).map(
    ({ code, path }) => `${LEVELS[code] ?? code} ${formatFieldPath(path ?? [])}`,
  );
}

/** Title, spec as YAML, expected problems; none: the spec is fine. */
export type Case = readonly [title: string, spec: string, ...expected: string[]];

/** One test for each case. */
export function table(resource: TestResource, cases: readonly Case[]): void {
  describe(resource.kind, () => {
    it.each(cases.map(([title, spec, ...expected]) => [title, spec, expected] as const))(
      '%s',
      (_title, spec, expected) => {
        expect(problemsOf(resource, spec)).toEqual(expected);
      },
    );
  });
}
