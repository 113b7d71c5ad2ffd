/** What the ConfigMap of an injector says: how its istiod decides, and which proxy it puts in. Source: facts on injection, 2.8 and 6. */
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { readYaml } from '../../lib/yaml-fast.ts';
import { imageVersion } from './sidecar.ts';
import type { Injector } from './injectors.ts';

export interface InjectorSettings {
  /** Policy and selectors; undefined where they are not to be had: then Istio's defaults count. */
  readonly config: JsonObject | undefined;
  /** `docker.io/istio/proxyv2:1.31.4`; empty where it is not known. */
  readonly proxyImage: string;
}

export const NO_SETTINGS: InjectorSettings = { config: undefined, proxyImage: '' };

/** An injector with the settings of its istiod, as far as they are known. */
export interface ConfiguredInjector {
  readonly injector: Injector;
  readonly settings: InjectorSettings;
}

/** `data` of the ConfigMap. Texts that can not be read count as absent. */
export function readInjectorSettings(data: JsonObject): InjectorSettings {
  return { config: readMap(data, 'config'), proxyImage: proxyImageOf(readMap(data, 'values')) };
}

/** Version of the proxies that it puts in; empty where it is not known. */
export function injectedVersion({ proxyImage }: InjectorSettings): string {
  return imageVersion(proxyImage);
}

function readMap(data: JsonObject, key: string): JsonObject | undefined {
  const read = readYaml(stringAt(data, [key]));
  return 'value' in read && isObject(read.value) ? read.value : undefined;
}

function proxyImageOf(values: JsonObject | undefined): string {
  const text = (...path: string[]): string => {
    const value = getAt(values, ['global', ...path]);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const image = text('proxy', 'image');
  if (image.includes('/')) return image;
  const [hub, tag, variant] = [text('hub'), text('tag'), text('variant')];
  if (hub === '' || tag === '') return '';
  const plain = variant === '' ? tag : tag.replace(/-(distroless|debug)$/, '');
  const suffix = variant === '' || variant === 'default' ? '' : `-${variant}`;
  return `${hub}/${image || 'proxyv2'}:${plain}${suffix}`;
}
