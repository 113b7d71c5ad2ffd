/**
 * Fixtures of rules: `fixtures/<rule file>/<bad|good>*.yaml`. A comment `# => IST0101` at the END of a line says that the
 * rule must find this there, and nothing else; several codes are separated by commas; a finding without a place is
 * announced anywhere by `# => nowhere IST0126`. Beside `bad-x.yaml` may lie `bad-x.mesh.yaml` with `meshConfig`,
 * `meshNetworks`, `istioNamespace` and `knownKinds`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { analyzeResources } from '../../src/domain/analysis/analyze.ts';
import { loadFiles } from '../../src/domain/analysis/load.ts';
import { mergeMeshConfig } from '../../src/domain/analysis/mesh-config.ts';
import type { MeshSettings, Message, Rule } from '../../src/domain/analysis/types.ts';
import { isObject, stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlObject } from '../../src/lib/yaml.ts';

/** Fixed, so that certificates in fixtures stay valid or expired. */
const NOW_MS = Date.UTC(2026, 0, 15);

export interface Fixture {
  readonly path: string;
  readonly name: string;
  readonly text: string;
  /** `12 IST0101`, sorted; line 0 for findings without a place. */
  readonly expected: readonly string[];
}

/** The fixtures in a folder, none when it does not exist. */
export function readFixtures(folder: string): Fixture[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^(?:bad|good).*\.yaml$/.test(name) && !name.endsWith('.mesh.yaml'))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      return { path, name, text, expected: readExpected(text) };
    });
}

/** The pairs of line and code that the comments of a text announce. */
export function readExpected(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => {
      const [, nowhere, codes] = /# => (nowhere )?((?:IST\d{4}(?:, ?)?)+)\s*$/.exec(line) ?? [];
      if (codes === undefined) return [];
      return codes.split(/, ?/).map((code) => `${nowhere ? 0 : index + 1} ${code}`);
    })
    .sort(byLine);
}

/** What `rules` find in a fixture, in the form of `Fixture.expected`, and the messages themselves. */
export function runFixture(
  fixture: Fixture,
  rules: readonly Rule[],
): { found: string[]; messages: readonly Message[] } {
  const { resources, problems } = loadFiles([{ name: fixture.name, text: fixture.text }], {
    defaultNamespace: 'default',
  });
  if (problems.length > 0) throw new Error(`${fixture.path} cannot be read: ${JSON.stringify(problems)}`);
  const { settings, knownKinds } = readSettings(fixture);
  const { messages } = analyzeResources({ rules, resources, settings, knownKinds, withStandIns: true });
  const found = new Set(messages.map(({ code, position }) => `${position?.line ?? 0} ${code}`));
  return { found: [...found].sort(byLine), messages };
}

function readSettings(fixture: Fixture): { settings: MeshSettings; knownKinds: string[] } {
  const path = join(fixture.path, '..', `${basename(fixture.name, '.yaml')}.mesh.yaml`);
  const given: JsonObject = existsSync(path) ? parseYamlObject(readFileSync(path, 'utf8'), path).value : {};
  const networks = given['meshNetworks'];
  const kinds = given['knownKinds'];
  return {
    settings: {
      meshConfig: mergeMeshConfig(given['meshConfig'] ?? {}),
      meshNetworks: isObject(networks) ? networks : {},
      istioNamespace: stringAt(given, ['istioNamespace']) || 'istio-system',
      nowMs: NOW_MS,
    },
    knownKinds: Array.isArray(kinds) ? kinds.map(String) : [],
  };
}

function byLine(a: string, b: string): number {
  return parseInt(a, 10) - parseInt(b, 10) || (a < b ? -1 : 1);
}
