/** An access log needs a provider: its own, or the default of the mesh. */
import { isObject, listAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Rule } from '../types.ts';

const TELEMETRY = 'telemetry.istio.io/Telemetry';

export const telemetryProvider: Rule = {
  name: 'telemetry.ProviderAnalyzer',
  summary: 'Access logs of a Telemetry name a provider, or the mesh has a default one.',
  kinds: [TELEMETRY],
  codes: ['IST0157'],
  check: (context) => {
    if (listAt(context.meshConfig, ['defaultProviders', 'accessLogging']).length > 0) return [];
    return context.list(TELEMETRY).flatMap((resource) =>
      listAt(resource.spec, ['accessLogging']).flatMap((entry, index): Finding[] => {
        if (!isObject(entry) || entry['disabled'] === true || listAt(entry, ['providers']).length > 0) {
          return [];
        }
        return [
          {
            code: 'IST0157',
            message: `${originOf(resource)} configures an access log without a provider, and the mesh config has no default one, so nothing is logged`,
            resource,
            path: ['spec', 'accessLogging', index],
            suggestion: suggestProvider(context),
          },
        ];
      }),
    );
  },
};

function suggestProvider({ meshConfig }: AnalysisContext): { readonly text: string } {
  const names = listAt(meshConfig, ['extensionProviders']).flatMap((provider) =>
    isObject(provider) && typeof provider['name'] === 'string' && LOG_TYPES.some((type) => provider[type])
      ? [provider['name']]
      : [],
  );
  const what = 'name one in "providers", or set meshConfig.defaultProviders.accessLogging';
  return { text: names.length === 0 ? what : `${what}; the mesh has ${listNames(names)}` };
}

/** Types of extension providers that can take access logs. */
const LOG_TYPES = [
  'envoyFileAccessLog',
  'envoyHttpAls',
  'envoyTcpAls',
  'envoyOtelAls',
  'stackdriver',
] as const;
