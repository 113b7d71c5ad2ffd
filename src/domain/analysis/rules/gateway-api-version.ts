/** The Gateway API that is installed is new enough for the kinds that Istio reads. */
import { originOf } from '../suppress.ts';
import type { Finding, Rule } from '../types.ts';

const DEFINITION = 'apiextensions.k8s.io/CustomResourceDefinition';
const GROUP = 'gateway.networking.k8s.io';
const VERSION_ANNOTATION = `${GROUP}/bundle-version`;
/** The first bundle that has the kind in the version Istio reads. */
const MINIMUM: Readonly<Record<string, string>> = {
  [`grpcroutes.${GROUP}`]: '1.1.0',
  [`backendtlspolicies.${GROUP}`]: '1.4.0',
  [`tlsroutes.${GROUP}`]: '1.5.0',
  [`tcproutes.${GROUP}`]: '1.6.0',
};

export const gatewayApiVersion: Rule = {
  name: 'k8sgateway.CRDVersionAnalyzer',
  summary: 'The Gateway API that is installed is new enough for Istio.',
  kinds: [DEFINITION],
  codes: ['IST0176'],
  check: (context) =>
    context.list(DEFINITION).flatMap((resource): Finding[] => {
      const minimum = Object.hasOwn(MINIMUM, resource.name) ? MINIMUM[resource.name] : undefined;
      const installed = resource.annotations[VERSION_ANNOTATION];
      if (minimum === undefined || installed === undefined) return [];
      const version = parseVersion(installed);
      const least = parseVersion(minimum);
      if (!version || !least || !isLess(version, least)) return [];
      return [
        {
          code: 'IST0176',
          message: `${originOf(resource)} is of Gateway API ${installed}, but Istio reads this kind from v${minimum} on and ignores it until then`,
          resource,
          path: ['metadata', 'annotations', VERSION_ANNOTATION],
          suggestion: {
            text: `kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v${minimum}/${EXPERIMENTAL.has(resource.name) ? 'experimental' : 'standard'}-install.yaml`,
          },
        },
      ];
    }),
};

/** Kinds that the standard bundle of their minimum does not have. */
const EXPERIMENTAL: ReadonlySet<string> = new Set([`tcproutes.${GROUP}`]);

/** Three numbers; a leading `v`, missing numbers (`v1`) and a pre-release part are fine (facts 9). */
function parseVersion(text: string): readonly number[] | undefined {
  const match =
    /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(
      text,
    );
  return match ? match.slice(1, 4).map((part) => Number((part as string | undefined) ?? 0)) : undefined;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((number, at) => number !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}
