/** Findings as JSON and YAML: istioctl's keys, and with a place line, column and suggestion. */
import type { Message } from '../domain/analysis/types.ts';
import type { JsonObject } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';

/** Keys in alphabetical order; what is not known is absent. */
export function messageToJson(message: Message): JsonObject {
  const { position } = message;
  const fields: Readonly<Record<string, string | number | undefined>> = {
    cluster: message.cluster,
    code: message.code,
    column: position?.column,
    documentationUrl: message.documentationUrl,
    level: message.level,
    line: position?.line,
    message: message.message,
    origin: message.origin,
    reference: message.reference,
    suggestion: message.suggestion?.text,
  };
  const json: JsonObject = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) json[key] = value;
  return json;
}

/** A list, indented with tabs as istioctl does. */
export function formatAnalysisJson(messages: readonly Message[]): string {
  return `${JSON.stringify(messages.map(messageToJson), null, '\t')}\n`;
}

export function formatAnalysisYaml(messages: readonly Message[]): string {
  return printYaml(messages.map(messageToJson));
}
