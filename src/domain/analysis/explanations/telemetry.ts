import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const telemetry = (name: string, spec: string): string => `kind: Telemetry
apiVersion: telemetry.istio.io/v1
metadata: {name: ${name}, namespace: shop}
spec:
${spec}`;

const ACCESS_LOG = '  accessLogging: [{providers: [{name: envoy}]}]\n';

const POD = `kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}}
---
kind: Pod
apiVersion: v1
metadata: {name: stock-1, namespace: shop, labels: {app: stock, version: v1}}
`;

/** Metrics, traces, logs. */
export const TELEMETRY: readonly Explanation[] = [
  explain(
    'IST0002',
    {
      meaning: 'A field or kind is used that will be removed, or that is ignored already.',
      when: 'Resources were written for an older version of Istio.',
      fix: 'Use what the finding names instead.',
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - fault: {delay: {percent: 10, fixedDelay: 1s}}
    route: [{destination: {host: web}}]
`,
    'percent: 10',
    'percentage: {value: 10}',
  ),
  explain(
    'IST0157',
    {
      meaning:
        'Access logs are asked for, but no provider is named and the mesh has no default one: nothing is logged.',
      when: 'An entry of accessLogging only has a filter.',
      fix: 'Name a provider, such as envoy, or set defaultProviders.accessLogging in the mesh config.',
    },
    telemetry('logs', '  accessLogging: [{filter: {expression: response.code >= 400}}]\n'),
    '[{filter',
    '[{providers: [{name: envoy}], filter',
  ),
  explain(
    'IST0159',
    {
      meaning: 'Several Telemetries select the same pod. Only the oldest counts for it.',
      when: 'Selectors with different labels overlap, such as app: web and version: v1.',
      fix: 'Merge them, or make the selectors exclude each other.',
    },
    `${telemetry('web', `  selector: {matchLabels: {app: web}}\n${ACCESS_LOG}`)}---
${telemetry('first', `  selector: {matchLabels: {version: v1}}\n${ACCESS_LOG}`)}---
${POD}`,
    'matchLabels: {version: v1}',
    'matchLabels: {app: stock}',
  ),
  explain(
    'IST0160',
    {
      meaning: `A namespace has several Telemetries without a selector. Only one can be the default of the namespace; the
        oldest counts.`,
      when: 'Metrics, traces and logs of a namespace are configured in one Telemetry each.',
      fix: 'Merge them into one.',
    },
    `${telemetry('logs', ACCESS_LOG)}---
${telemetry('traces', '  tracing: [{randomSamplingPercentage: 1}]\n')}---
${POD}`,
    '  tracing:',
    '  selector: {matchLabels: {app: web}}\n  tracing:',
  ),
];
