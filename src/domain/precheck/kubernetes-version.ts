/** The API server is of a version that Istio supports. */
import type { Finding } from '../analysis/types.ts';
import { formatMinor, minorsBehind, parseMinor } from './semver.ts';
import { defineCheck } from './types.ts';

/** The newest Kubernetes that this Istio was tried with (the control plane of our own tests). */
const NEWEST_TESTED = '1.36';

export const kubernetesVersion = defineCheck({
  name: 'kubernetes-version',
  summary: 'The Kubernetes version is one that Istio supports.',
  codes: ['IST0142', 'MESH0103'],
  needs: ['kubernetes'],
  check: ({ oldestKubernetes, istioVersion }, { kubernetes }): Finding[] => {
    const version = parseMinor(kubernetes);
    const oldest = parseMinor(oldestKubernetes);
    const newest = parseMinor(NEWEST_TESTED);
    if (!version || !oldest || !newest) return [];
    if (minorsBehind(version, oldest) > 0) {
      return [
        {
          code: 'IST0142',
          message: `the cluster runs Kubernetes ${kubernetes}, but Istio ${istioVersion} needs ${formatMinor(oldest)} or newer`,
          suggestion: {
            text: 'upgrade the cluster first, or install an older Istio with --set tag and --manifests',
          },
        },
      ];
    }
    if (minorsBehind(newest, version) <= 0) return [];
    return [
      {
        code: 'MESH0103',
        message: `the cluster runs Kubernetes ${kubernetes}; Istio ${istioVersion} was tested up to ${NEWEST_TESTED}`,
        suggestion: { text: 'it will most likely work; try it on a cluster that may fail' },
      },
    ];
  },
});
