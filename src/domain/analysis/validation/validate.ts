/** All that can be said of one resource: what Istio's own validation says, then what the API server would add. */
import { getAt } from '../../../lib/json.ts';
import type { FieldPath, Resource } from '../types.ts';
import { rootField } from './field.ts';
import type { ValidationProblem } from './problem.ts';
import { specSchemaOf } from './schemas.ts';
import { checkNames, checkValues, reportUnknown } from './structural.ts';

export type Validator = (resource: Resource) => ValidationProblem[];

const TOP_LEVEL = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** `validate`'s problems in their order, then those of the schema that say something new. */
export function validateResource(resource: Resource, validate: Validator): ValidationProblem[] {
  const problems = validate(resource);
  const own = problems.length;
  for (const problem of findValueProblems(resource))
    if (!isTold(problem.path, problems, own)) problems.push(problem);
  problems.push(...findUnknownFields(resource));
  return problems;
}

function findValueProblems({ group, kind, version, spec }: Resource): readonly ValidationProblem[] {
  const schema = specSchemaOf(group, kind, version);
  const root = rootField(spec);
  if (schema) checkValues(root, schema);
  return root.problems;
}

/** In the document as it is written: reading a resource drops what Istio does not know. */
function findUnknownFields({ group, kind, version, spec, raw }: Resource): readonly ValidationProblem[] {
  const schema = specSchemaOf(group, kind, version);
  const written = getAt(raw, ['spec']);
  const root = rootField(written);
  // A spec that is taken as it is has no unknown fields.
  if (schema && written !== spec) checkNames(root, schema);
  for (const key of Object.keys(raw)) {
    if (!TOP_LEVEL.includes(key)) reportUnknown(rootField(raw[key], key, root.problems), TOP_LEVEL);
  }
  return root.problems;
}

/**
 * Whether one of the first `count` problems is about the same value, one inside it, or the one around it. Of problems of the
 * spec as a whole, whose rules are about its fields, only those count that are near its top.
 */
function isTold(path: FieldPath, problems: readonly ValidationProblem[], count: number): boolean {
  const deepest = path.length === 1 ? 2 : Infinity;
  for (let index = 0; index < count; index += 1) {
    const problem = problems[index];
    if (!problem) continue;
    const depth = problem.path.length - path.length;
    const isNear =
      problem.level === 'warning' ? depth === 0 && path.length > 1 : depth >= -1 && depth <= deepest;
    if (isNear && startsAlike(path, problem.path)) return true;
  }
  return false;
}

/** Whether one path is the beginning of the other. */
function startsAlike(a: FieldPath, b: FieldPath): boolean {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
