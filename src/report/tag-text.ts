/** Output of `mesh tag`. */
import type { TagSummary } from '../app/tags.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';

/** One line a tag; a revision without a tag has a dash. */
export function formatTags(
  tags: readonly TagSummary[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(tags, null, 2)}\n`;
    case 'yaml':
      return printYaml(tags as unknown as JsonValue);
    case 'text':
      return formatTable(
        ['TAG', 'REVISION', 'NAMESPACES'],
        tags.map(({ tag, revision, namespaces }) => [tag || '-', revision, namespaces.join(', ')]),
        style,
      );
  }
}
