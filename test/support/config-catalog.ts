/** The shipped configuration catalog (profiles, schema, release), read from the source tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveSpec } from '../../src/domain/config/index.ts';
import type { ConfigCatalog, ConfigInput, ResolvedSpec } from '../../src/domain/config/types.ts';
import { MeshError } from '../../src/lib/errors.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlObject } from '../../src/lib/yaml.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function readCatalog(): ConfigCatalog {
  const files = readdirSync(`${root}profiles`).filter((file) => file.endsWith('.yaml'));
  const profiles = files.map((file): [string, JsonObject] => [
    file.replace('.yaml', ''),
    parseYamlObject(readFileSync(`${root}profiles/${file}`, 'utf8'), file).value,
  ]);
  const schema = readFileSync(`${root}manifests/istio-operator.schema.json`, 'utf8');
  return {
    release: { hub: 'docker.io/istio', tag: '1.31.4', version: '1.31.4' },
    profiles: Object.fromEntries(profiles),
    schema: JSON.parse(schema) as JsonObject,
  };
}

const catalog = readCatalog();

/** What a test gives: a file's `spec` as YAML, `--set` texts, and the rest of the input. */
export interface Given extends Partial<Omit<ConfigInput, 'files' | 'sets'>> {
  /** Bodies of files below `spec:`, named a.yaml, b.yaml, ... */
  readonly specs?: readonly string[];
  /** Whole files. */
  readonly files?: readonly string[];
  readonly sets?: readonly string[];
  readonly jsons?: readonly string[];
}

export function resolveGiven({
  specs = [],
  files = [],
  sets = [],
  jsons = [],
  ...rest
}: Given): ResolvedSpec {
  const bodies = specs.map((spec) => `kind: IstioOperator\nspec:\n${spec.replace(/^(?=.)/gm, '  ')}\n`);
  const name = (index: number): string => `${String.fromCharCode(97 + index)}.yaml`;
  return resolveSpec(
    {
      ...rest,
      files: [...bodies, ...files].map((text, index) => ({ name: name(index), text })),
      sets: [
        ...sets.map((text) => ({ flag: '--set' as const, text })),
        ...jsons.map((text) => ({ flag: '--set-json' as const, text })),
      ],
    },
    catalog,
  );
}

/** The lines that the error for this input shows: place, message, hint. Fails when it resolves. */
export function problemsOf(given: Given): readonly string[] {
  try {
    resolveGiven(given);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    if (error.details.length > 0) return error.details;
    const { file = '', line, column } = error.position ?? {};
    const place = error.position
      ? `${[file, line, column].filter((part) => part !== undefined).join(':')}: `
      : '';
    return [`${place}${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`];
  }
  throw new Error('the input was accepted');
}
