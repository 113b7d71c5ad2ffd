/** Every format of `mesh analyze`, by name: a forgotten one does not compile. */
import type { AnalyzeResult } from '../app/analyze.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import type { Style } from '../lib/style.ts';
import { formatAnalysisGithub } from './analyze-github.ts';
import { formatAnalysisJson, formatAnalysisYaml } from './analyze-json.ts';
import { formatAnalysisJunit } from './analyze-junit.ts';
import { formatAnalysisLog } from './analyze-log.ts';
import { formatAnalysisSarif } from './analyze-sarif.ts';

export const ANALYZE_FORMATS = ['log', 'json', 'yaml', 'sarif', 'junit', 'github'] as const;
export type AnalyzeFormat = (typeof ANALYZE_FORMATS)[number];

export interface AnalyzeOutputOptions {
  readonly style: Style;
  /** Log lines with the place in the file and what to do. */
  readonly withFrames: boolean;
  readonly failureThreshold: Level;
  readonly version: string;
  /** Working folder with a slash at its end. */
  readonly folder: string;
}

/** `messages` are those at or above the output threshold. */
export function formatAnalysis(
  format: AnalyzeFormat,
  result: Pick<AnalyzeResult, 'problems' | 'inputs'>,
  messages: readonly Message[],
  options: AnalyzeOutputOptions,
): string {
  const { problems, inputs } = result;
  switch (format) {
    case 'log':
      return formatAnalysisLog(messages, options);
    case 'json':
      return formatAnalysisJson(messages);
    case 'yaml':
      return formatAnalysisYaml(messages);
    case 'sarif':
      return formatAnalysisSarif({ messages, problems, version: options.version, folder: options.folder });
    case 'junit':
      return formatAnalysisJunit({ messages, problems, inputs, failureThreshold: options.failureThreshold });
    case 'github':
      return formatAnalysisGithub(messages, problems);
  }
}
