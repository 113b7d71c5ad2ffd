/** The view `bootstrap`: what the proxy was started with. */
import { objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { numberAt, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';

export interface BootstrapSummary {
  readonly istioVersion: string;
  /** Revision of the source that Envoy was built from. */
  readonly proxyRevision: string;
  /** `1.40.0/Clean/RELEASE/BoringSSL`. */
  readonly envoyVersion: string;
}

/** `{bootstrap: ..., lastUpdated: ...}`; empty when the dump has none. */
export function selectBootstrap(answer: AdminAnswer): JsonObject {
  const { '@type': _type, ...section } = sectionOf(answer, 'BootstrapConfigDump');
  return section;
}

export function bootstrapSummary(dump: JsonObject): BootstrapSummary {
  const node = objectAt(dump, ['bootstrap', 'node']);
  const build = objectAt(node, ['userAgentBuildVersion']);
  const number = (name: string): string => String(numberAt(build, ['version', name]));
  const version =
    Object.keys(build).length === 0 ? '' : ['majorNumber', 'minorNumber', 'patch'].map(number).join('.');
  const facts = ['revision.status', 'build.type', 'ssl.version'].map((name) =>
    stringAt(build, ['metadata', name]),
  );
  return {
    istioVersion: stringAt(node, ['metadata', 'ISTIO_VERSION']),
    proxyRevision: stringAt(build, ['metadata', 'revision.sha']),
    envoyVersion: [version, ...facts].filter((part) => part !== '').join('/'),
  };
}
