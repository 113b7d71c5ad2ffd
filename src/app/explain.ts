/** `mesh explain`: what a code of a finding means. */
import { CODES, documentationUrl } from '../domain/analysis/codes.ts';
import type { CodeInfo } from '../domain/analysis/codes.ts';
import { EXPLANATIONS } from '../domain/analysis/explanations/index.ts';
import type { Explanation } from '../domain/analysis/explanations/types.ts';
import type { Level } from '../domain/analysis/types.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';

/** A page: what the code is, and its explanation unless `mesh analyze` never reports it. */
export interface ExplainedCode extends Partial<Omit<Explanation, 'code'>> {
  readonly code: string;
  readonly name: string;
  readonly level: Level;
  /** One sentence. */
  readonly summary: string;
  readonly documentationUrl: string;
}

/** Every code that `mesh analyze` can report, in order. */
export function listCodes(): readonly ExplainedCode[] {
  return [...CODES.values()].filter(({ fromAnalyze }) => fromAnalyze).map(toPage);
}

/**
 * The pages of `words`, each a code (`IST0101`, `ist0101`, `101`) or a name (`ReferencedResourceNotFound`), each page
 * once. Throws a `usage` MeshError that lists all words that are neither.
 */
export function explainCodes(words: readonly string[]): readonly ExplainedCode[] {
  const found = new Set<CodeInfo>();
  const unknown: string[] = [];
  for (const word of words) {
    const info = findCode(word);
    if (info) found.add(info);
    else unknown.push(word);
  }
  const [first] = unknown;
  if (first !== undefined) {
    const near = nearestName(
      first,
      [...CODES.values()].flatMap(({ code, name }) => [code, name]),
    );
    throw new MeshError('usage', `there is no code ${unknown.map((word) => `"${word}"`).join(', ')}`, {
      hint: near ? `did you mean ${near}?` : 'mesh explain --list shows all codes',
    });
  }
  return [...found].map(toPage);
}

function findCode(word: string): CodeInfo | undefined {
  const digits = /^(?:IST)?-?(\d{1,4})$/i.exec(word)?.[1];
  if (digits !== undefined) return CODES.get(`IST${digits.padStart(4, '0')}`);
  return [...CODES.values()].find(({ code, name }) =>
    [code, name].some((known) => known.toLowerCase() === word.toLowerCase()),
  );
}

function toPage({ code, name, level, summary }: CodeInfo): ExplainedCode {
  const url = documentationUrl(code);
  return { code, name, level, summary, ...EXPLANATIONS.get(code), documentationUrl: url };
}
