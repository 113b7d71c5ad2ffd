/** Values of flags of `mesh analyze`. */
import type { Level } from '../domain/analysis/types.ts';
import { MeshError } from '../lib/errors.ts';
import { ANALYZE_FORMATS } from '../report/analyze-output.ts';
import type { AnalyzeFormat } from '../report/analyze-output.ts';

/** From the mildest on. */
const LEVELS: readonly Level[] = ['Info', 'Warning', 'Error'];

export interface AnalyzeOutput {
  readonly format: AnalyzeFormat;
  /** Absent: standard output. */
  readonly file: string | undefined;
}

/** `log`, `sarif=out.sarif`. Throws a `usage` MeshError for what is no format, and when two would go to standard output. */
export function parseOutputs(values: readonly string[]): readonly AnalyzeOutput[] {
  const outputs = values.map((value): AnalyzeOutput => {
    const [name = '', ...rest] = value.split('=');
    const format = ANALYZE_FORMATS.find((known) => known === name.toLowerCase());
    if (format === undefined || rest.join('=') === '') {
      if (format !== undefined && rest.length === 0) return { format, file: undefined };
      throw new MeshError('usage', `--output "${value}" is no format of analyze`, {
        hint: `use ${ANALYZE_FORMATS.join(', ')}, or FORMAT=FILE`,
      });
    }
    return { format, file: rest.join('=') };
  });
  const shown = outputs.filter(({ file }) => file === undefined);
  if (shown.length > 1)
    throw new MeshError('usage', `only one format can go to standard output, not ${shown.length}`, {
      hint: `name a file for the others, such as -o ${shown[1]?.format ?? ''}=FILE`,
    });
  return outputs;
}

/** Throws a `usage` MeshError. */
export function parseLevel(flag: string, text: string): Level {
  const level = LEVELS.find((known) => known.toLowerCase() === text.toLowerCase());
  if (level === undefined)
    throw new MeshError('usage', `--${flag} "${text}" is no level`, { hint: `use ${LEVELS.join(', ')}` });
  return level;
}

export function isAtLeast(level: Level, threshold: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(threshold);
}
