/** Where an endpoint is. */
import { stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';

/** `region/zone/subzone`, as far as they are known; empty when nothing is. */
export function localityText(locality: JsonValue | undefined): string {
  const parts = ['region', 'zone', 'subZone'].map((name) => stringAt(locality, [name]));
  return parts.join('/').replace(/\/+$/, '');
}
