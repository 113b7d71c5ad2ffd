/** What mesh ships, or the operator's changed copy of it: loaded when it is first asked for. */
import type { ConfigCatalog } from '../domain/config/types.ts';
import type { Bundle } from '../domain/manifest/bundle.ts';

export interface Shipped {
  /** Profiles and schema: enough to resolve a spec. */
  readonly catalog: ConfigCatalog;
  /** Templates, values and definitions: what rendering needs. */
  readonly bundle: Bundle;
}
