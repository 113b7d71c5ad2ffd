import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const virtualService = (http: string): string => `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
${http}`;

/** What a resource says by itself: errors, and rules that never take effect. */
export const VALIDITY: readonly Explanation[] = [
  explain(
    'IST0106',
    {
      meaning: `The resource is not valid. The API server refuses it, or, where its validation is off, the control plane
        ignores it or a part of it.`,
      when: `A required field is missing, a value is out of range or not of the right form, or fields contradict each
        other.`,
      fix: 'Correct the field that the finding names.',
    },
    virtualService(`  - retries: {attempts: -1}
    route: [{destination: {host: web}}]
`),
    'attempts: -1',
    'attempts: 3',
  ),
  explain(
    'IST0133',
    {
      meaning: `The resource is valid, but probably does not do what was meant, or uses what is not supported for long. Every
        EnvoyFilter has this warning.`,
      when: `A field does not exist (it is misspelt), is deprecated or has no effect beside others, or a policy does less
        than it seems.`,
      fix: `Read what the finding says. mesh analyze --fix corrects names that are off by one letter. To keep the resource
        as it is, put "# mesh-ignore IST0133 REASON" above it.`,
    },
    `kind: DestinationRule
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  host: web
  trafficPolicy:
    outlierDetection: {consecutiveErrors: 7}
`,
    'consecutiveErrors',
    'consecutive5xxErrors',
  ),
  explain(
    'IST0130',
    {
      meaning: 'A rule can never be reached: every request that it could match is taken by an earlier one.',
      when: 'A rule without match stands before others, or all matches of a rule were there before.',
      fix: 'Move the rule without match to the end, or remove the one that is never reached.',
    },
    virtualService(`  - name: everything
    route: [{destination: {host: web}}]
  - name: admin
    match: [{uri: {exact: /admin}}]
    route: [{destination: {host: admin}}]
`),
    `  - name: everything
    route: [{destination: {host: web}}]
  - name: admin
    match: [{uri: {exact: /admin}}]
    route: [{destination: {host: admin}}]
`,
    `  - name: admin
    match: [{uri: {exact: /admin}}]
    route: [{destination: {host: admin}}]
  - name: everything
    route: [{destination: {host: web}}]
`,
  ),
  explain(
    'IST0131',
    {
      meaning: 'A match can never take effect: an earlier rule already matches all these requests.',
      when: 'A prefix is part of an earlier prefix, or the same match stands in two rules.',
      fix: 'Put the more special match first, or remove it.',
    },
    virtualService(`  - match: [{uri: {prefix: /}}]
    route: [{destination: {host: web}}]
  - match: [{uri: {prefix: /admin}}]
    route: [{destination: {host: admin}}]
`),
    `  - match: [{uri: {prefix: /}}]
    route: [{destination: {host: web}}]
  - match: [{uri: {prefix: /admin}}]
    route: [{destination: {host: admin}}]
`,
    `  - match: [{uri: {prefix: /admin}}]
    route: [{destination: {host: admin}}]
  - match: [{uri: {prefix: /}}]
    route: [{destination: {host: web}}]
`,
  ),
];
