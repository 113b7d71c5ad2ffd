/** The tracing provider Lightstep is gone from Envoy: such a provider should speak OpenTelemetry. */
import { isObject, listAt, stringAt } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { Finding, Rule } from '../types.ts';

const TELEMETRY = 'telemetry.istio.io/Telemetry';

export const telemetryLightstep: Rule = {
  name: 'telemetry.LightstepAnalyzer',
  summary: 'A Telemetry traces with no provider of the deprecated type lightstep.',
  kinds: [TELEMETRY],
  codes: ['IST0002'],
  check: (context) => {
    const deprecated = new Set(
      listAt(context.meshConfig, ['extensionProviders']).flatMap((provider) =>
        isObject(provider) && isObject(provider['lightstep']) ? [stringAt(provider, ['name'])] : [],
      ),
    );
    if (deprecated.size === 0) return [];
    return context.list(TELEMETRY).flatMap((resource) =>
      listAt(resource.spec, ['tracing']).flatMap((tracing, index) =>
        listAt(tracing, ['providers']).flatMap((provider, at): Finding[] => {
          const name = stringAt(provider, ['name']);
          if (!deprecated.has(name)) return [];
          return [
            {
              code: 'IST0002',
              message: `${originOf(resource)} traces with provider "${name}", whose type lightstep is deprecated`,
              resource,
              path: ['spec', 'tracing', index, 'providers', at, 'name'],
              suggestion: {
                text: `define "${name}" in meshConfig.extensionProviders as opentelemetry`,
              },
            },
          ];
        }),
      ),
    );
  },
};
