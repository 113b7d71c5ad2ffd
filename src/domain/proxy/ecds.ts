/** The view `ecds`: filters that istiod sends on their own (WasmPlugin, Telemetry, ...). */
import { stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { messagesIn, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { compareText } from './order.ts';

export interface EcdsRow {
  readonly name: string;
  /** Name of the message: `envoy.extensions.filters.http.wasm.v3.Wasm`. */
  readonly type: string;
}

/** The filters of a dump, by name. */
export function selectEcds(answer: AdminAnswer): JsonObject[] {
  return messagesIn(sectionOf(answer, 'EcdsConfigDump'), ['ecdsFilters'], ['ecdsFilter']).sort((a, b) =>
    compareText(stringAt(a, ['name']), stringAt(b, ['name'])),
  );
}

export function ecdsRow(filter: JsonObject): EcdsRow {
  const type = stringAt(filter, ['typedConfig', 'typeUrl']) || stringAt(filter, ['typedConfig', '@type']);
  return { name: stringAt(filter, ['name']), type: type.split('/').at(-1) ?? '' };
}
