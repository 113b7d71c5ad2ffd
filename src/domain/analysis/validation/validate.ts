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
  const added = findValueProblems(resource);
  const told = added.length > 0 ? indexProblems(problems) : undefined;
  const news = told ? added.filter(({ path }) => !isTold(path, told)) : [];
  return problems.concat(news, findUnknownFields(resource));
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

/** What problems are about, as texts of paths. */
interface ToldPaths {
  readonly errors: Set<string>;
  readonly warnings: Set<string>;
  /** What contains a value with an error, up to the spec for values near its top. */
  readonly around: Set<string>;
}

function indexProblems(problems: readonly ValidationProblem[]): ToldPaths {
  const told: ToldPaths = { errors: new Set(), warnings: new Set(), around: new Set() };
  for (const { level, path } of problems) {
    if (level === 'warning') {
      told.warnings.add(idOf(path));
      continue;
    }
    told.errors.add(idOf(path));
    const top = path.length <= 3 ? 1 : 2;
    for (let length = top; length < path.length; length += 1) told.around.add(idOf(path.slice(0, length)));
  }
  return told;
}

function idOf(path: FieldPath): string {
  return JSON.stringify(path);
}

/** Whether there is an error of the same value, of one inside it or of the one around it, or a warning of the same value. */
function isTold(path: FieldPath, told: ToldPaths): boolean {
  const id = idOf(path);
  return (
    told.errors.has(id) ||
    told.around.has(id) ||
    told.errors.has(idOf(path.slice(0, -1))) ||
    // Warnings of a spec as a whole are about all kinds of things.
    (path.length > 1 && told.warnings.has(id))
  );
}
