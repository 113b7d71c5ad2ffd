/** Flags of `mesh analyze` and their values. */
import { Flags } from '@oclif/core';
import type { Level } from '../domain/analysis/types.ts';
import { MeshError } from '../lib/errors.ts';
import { ANALYZE_FORMATS } from '../report/analyze-output.ts';
import type { AnalyzeFormat } from '../report/analyze-output.ts';

/** Flags of commands that tell findings. */
export const findingFlags = {
  output: Flags.string({
    char: 'o',
    multiple: true,
    multipleNonGreedy: true,
    description: `${ANALYZE_FORMATS.join(', ')}; FORMAT=FILE writes a file; repeatable`,
    helpValue: 'FORMAT',
  }),
  'failure-threshold': Flags.string({
    default: 'Error',
    description: 'level from which on the exit code is 79',
    helpValue: 'LEVEL',
  }),
  'output-threshold': Flags.string({
    default: 'Info',
    description: 'level from which on findings are shown',
    helpValue: 'LEVEL',
  }),
};

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
