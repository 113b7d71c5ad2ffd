/** What `--fix` does: the safe repairs that findings suggest, made in the texts of their files. */
import { editYaml } from '../../lib/yaml-edit.ts';
import type { YamlEdit } from '../../lib/yaml-edit.ts';
import { isEqual } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { asWritten } from './source.ts';
import type { Message, ResourceSource } from './types.ts';

export interface FixedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** The findings that are repaired. */
  readonly messages: readonly Message[];
}

interface Repair {
  readonly message: Message;
  readonly source: ResourceSource;
  readonly document: NonNullable<ResourceSource['document']>;
  readonly edit: YamlEdit;
}

/** One entry a file in which something was repaired, in the order of the messages. Standard input cannot be repaired. */
export function fixFindings(messages: readonly Message[]): FixedFile[] {
  const byFile = Map.groupBy(messages.flatMap(toRepair), ({ source }) => source.file);
  return [...byFile].flatMap(([file, repairs]) => {
    const fixed = fixFile(file, repairs);
    return fixed.messages.length > 0 ? [fixed] : [];
  });
}

/** A part of a file, by offsets, and the text that it becomes. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What the repair of one finding changes in its file; undefined when it cannot be made. */
export function replacementOf(message: Message): Replacement | undefined {
  const [repair] = toRepair(message);
  if (!repair) return undefined;
  const { source, document, edit } = repair;
  const before = source.text().slice(document.start, document.end);
  const after = editYaml(before, edit, source.file.endsWith('.json'));
  if (after === undefined) return undefined;
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return {
    start: document.start + head,
    end: document.start + before.length - tail,
    text: after.slice(head, after.length - tail),
  };
}

function toRepair(message: Message): Repair[] {
  const fix = message.suggestion?.fix;
  const source = message.resource?.source;
  if (!fix || !source?.document || source.file === '-') return [];
  const { base } = source.document;
  const path = [...base, ...asWritten(message.resource?.raw ?? null, fix.path)];
  return [
    {
      message,
      source,
      document: source.document,
      edit: { path, value: fix.value as JsonValue | undefined, rename: fix.rename },
    },
  ];
}

/** From the last document to the first, so that offsets stay right. */
function fixFile(file: string, repairs: readonly Repair[]): FixedFile {
  const before = repairs[0]?.source.text() ?? '';
  const byDocument = Map.groupBy(repairs, ({ document }) => document.start);
  const messages: Message[] = [];
  let after = before;
  for (const start of [...byDocument.keys()].sort((a, b) => b - a)) {
    const group = byDocument.get(start) ?? [];
    let text = before.slice(start, group[0]?.document.end);
    const made: YamlEdit[] = [];
    for (const { edit, message } of group) {
      // The same repair for two findings, such as two routes by one alias, is made once.
      const isMade = made.some((other) => isSameEdit(other, edit));
      const changed = isMade ? text : editYaml(text, edit, file.endsWith('.json'));
      if (changed === undefined) continue;
      text = changed;
      made.push(edit);
      messages.push(message);
    }
    after = after.slice(0, start) + text + after.slice(group[0]?.document.end);
  }
  return { file, before, after, messages };
}

function isSameEdit(a: YamlEdit, b: YamlEdit): boolean {
  return isEqual([...a.path], [...b.path]) && isEqual(a.value, b.value) && a.rename === b.rename;
}
