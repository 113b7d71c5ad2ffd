/** What an istiod says about itself at `/version`. */
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';

export interface BuildInfo {
  readonly version: string;
  /** Empty when it is not told. */
  readonly gitRevision: string;
  /** `Clean`, `Modified`; empty when it is not told. */
  readonly buildStatus: string;
}

/** From `1.31.4-<git revision>-Clean`, or an object with its parts; undefined for anything else. */
export function parseBuildInfo(text: string): BuildInfo | undefined {
  const value = parseObject(text);
  if (isObject(value) && stringAt(value, ['version']) !== '') {
    return {
      version: stringAt(value, ['version']),
      gitRevision: stringAt(value, ['revision']),
      buildStatus: stringAt(value, ['status']),
    };
  }
  // A version may have dashes itself (`1.31-alpha.abc`), a revision and a status have none.
  const [, version = '', gitRevision = '', buildStatus = ''] =
    /^(v?\d+\.[\w.+-]*?)(?:-([0-9a-f]{7,}|unknown)-(\w+))?$/.exec(text.trim()) ?? [];
  return version === '' ? undefined : { version, gitRevision, buildStatus };
}

function parseObject(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
