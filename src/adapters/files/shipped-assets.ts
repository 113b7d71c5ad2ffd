/** What mesh ships, as `npm run build` has prepared it: plain JSON, each part read when it is needed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shipped } from '../../app/shipped.ts';
import type { ConfigCatalog } from '../../domain/config/types.ts';
import type { Bundle, Definition } from '../../domain/manifest/bundle.ts';
import type { JsonObject } from '../../lib/json.ts';

/** Definitions and schemas lie apart, because only commands that need them should pay for them. */
export type StoredBundle = Omit<Bundle, 'components'> & {
  readonly components: readonly Omit<Bundle['components'][number], 'definitions' | 'schema'>[];
};

/** Reads from the folder of `dist/assets`. */
export function openShippedAssets(assets: string): Shipped {
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(assets, name), 'utf8')) as T;
  const release = once(() => read<ConfigCatalog['release']>('release.json'));
  const profiles = once(() => read<Record<string, JsonObject>>('profiles.json'));
  const schema = once(() => read<JsonObject>('schema.json'));
  const bundle = once(() => withLazyParts(read<StoredBundle>('bundle.json'), read));
  return {
    catalog: {
      get release() {
        return release();
      },
      get profiles() {
        return profiles();
      },
      get schema() {
        return schema();
      },
    },
    get bundle() {
      return bundle();
    },
  };
}

function withLazyParts(stored: StoredBundle, read: <T>(name: string) => T): Bundle {
  const texts = once(() => read<Record<string, Definition[]>>('definitions.json'));
  const objects = once(() => read<Record<string, JsonObject>>('definition-objects.json'));
  const schemas = once(() => read<Record<string, JsonObject>>('value-schemas.json'));
  const components = stored.components.map((component) => ({
    ...component,
    get schema() {
      return schemas()[component.folder] ?? {};
    },
    get definitions() {
      return (texts()[component.folder] ?? []).map(({ name, text }) => ({
        name,
        text,
        object: () => objects()[name] ?? {},
      }));
    },
  }));
  return { ...stored, components };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
