/** Running sidecars have the image that their control plane injects: others are left from before an upgrade. */
import { getAt, isObject, objectAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { readYaml } from '../../../lib/yaml-fast.ts';
import { injectorValues } from '../semantics/injector-config.ts';
import { labelsAt, matchesLabels } from '../semantics/selectors.ts';
import { INJECTION_LABEL, proxyContainers, REVISION_LABEL } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const PROXY_CONFIG = 'networking.istio.io/ProxyConfig';
const IMAGE_ANNOTATION = 'sidecar.istio.io/proxyImage';
const CONFIG_ANNOTATION = 'proxy.istio.io/config';

export const proxyImage: Rule = {
  name: 'injection.ImageAnalyzer',
  summary: 'Sidecars have the image that their control plane injects.',
  kinds: ['/Namespace', '/Pod', '/ConfigMap', PROXY_CONFIG],
  needs: ['/ConfigMap'],
  codes: ['IST0158'],
  check: (context) =>
    context.list('/Namespace').flatMap((namespace) => {
      const image = expectedImage(context, namespace);
      return image === undefined ? [] : checkNamespace(context, namespace, image);
    }),
};

/** The image for pods of a namespace, without its variant; undefined where nothing injects or it is unknown what. */
function expectedImage(context: AnalysisContext, { labels }: Resource): string | undefined {
  const revision = labels[REVISION_LABEL];
  if (revision === undefined && labels[INJECTION_LABEL] !== 'enabled') return undefined;
  const global = getAt(injectorValues(context, revision ?? ''), ['global']);
  const image = stringAt(global, ['proxy', 'image']);
  if (image === '' || image.includes('/')) return image || undefined;
  const tag = getAt(global, ['tag']);
  return `${stringAt(global, ['hub'])}/${image}:${typeof tag === 'number' ? String(tag) : stringAt(global, ['tag'])}`;
}

function checkNamespace(context: AnalysisContext, namespace: Resource, image: string): Finding[] {
  const configs = proxyConfigsFor(context, namespace.name);
  const wrong = context.listIn('/Pod', namespace.name).filter((pod) => {
    if (pod.annotations[IMAGE_ANNOTATION] !== undefined) return false;
    const images = proxyContainers(pod.spec).map((container) => stringAt(container, ['image']));
    if (images.every((found) => found === image || found === 'auto')) return false;
    const variant = variantOf(context, pod, configs);
    const full = variant === '' || variant === 'default' ? image : `${image}-${variant}`;
    // The plain image is accepted in any case (facts 9); `auto` is IST0147.
    return images.some((found) => found !== full && found !== image && found !== 'auto');
  });
  if (wrong.length === 0) return [];
  const names = wrong.map(({ name }) => name).sort();
  return [
    {
      code: 'IST0158',
      message: `${originOf(namespace)} has pods whose sidecar is not of the image ${image} that would be injected now: ${listNames(names)}`,
      resource: namespace,
      path: ['metadata', 'name'],
      suggestion: { text: `kubectl rollout restart deployment -n ${namespace.name}` },
    },
  ];
}

/** In the order in which later ones win: root namespace, whole namespace, selected pods. */
function proxyConfigsFor(context: AnalysisContext, namespace: string): readonly Resource[] {
  const own = context.listIn(PROXY_CONFIG, namespace);
  const hasSelector = ({ spec }: Resource): boolean =>
    Object.keys(objectAt(spec, ['selector', 'matchLabels'])).length > 0;
  return [
    ...context.listIn(PROXY_CONFIG, stringAt(context.meshConfig, ['rootNamespace'])),
    ...own.filter((config) => !hasSelector(config)),
    ...own.filter(hasSelector),
  ];
}

function variantOf(context: AnalysisContext, pod: Resource, configs: readonly Resource[]): string {
  const rootNamespace = context.meshConfig['rootNamespace'];
  let variant = imageType(getAt(context.meshConfig, ['defaultConfig']));
  for (const { spec, namespace } of configs) {
    const isSelected = matchesLabels(pod.labels, labelsAt(spec, ['selector', 'matchLabels']));
    if (namespace === rootNamespace || isSelected) variant = imageType(spec) || variant;
  }
  const annotation = pod.annotations[CONFIG_ANNOTATION];
  return (annotation && imageType(parseConfig(annotation))) || variant;
}

function imageType(config: JsonValue | undefined): string {
  return stringAt(config, ['image', 'imageType']) || stringAt(config, ['image', 'image_type']);
}

function parseConfig(text: string): JsonObject {
  const result = readYaml(text);
  return 'value' in result && isObject(result.value) ? result.value : {};
}
