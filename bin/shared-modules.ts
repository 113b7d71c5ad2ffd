/**
 * An esbuild plugin: large modules that commands load only when they need them lie once in `dist/shared`, and so does
 * the module of the errors, whose classes must be the same ones everywhere.
 */
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** File in `dist/shared` → module. */
export const SHARED_MODULES: Readonly<Record<string, string>> = {
  errors: 'src/lib/errors.ts',
  kube: 'src/adapters/kube/index.ts',
  'port-forward': 'src/adapters/kube/port-forward/index.ts',
  inquirer: 'inquirer',
  ora: 'ora',
};

/** `prefix` leads from the built file to `dist/`; `own` is the shared module that is being built. */
export function sharedModules(root: string, prefix: string, own?: string): Plugin {
  const isOwn = own !== undefined;
  return {
    name: 'shared-modules',
    setup: (build) => {
      // A package's default export becomes module.exports: that is what an import of CommonJS takes for the default.
      build.onResolve({ filter: /^shared:/ }, ({ path }) => ({
        path: path.slice('shared:'.length),
        namespace: 'shared',
      }));
      build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
        contents: path.startsWith('src/')
          ? `export * from './${path}';`
          : `import it from '${path}'; module.exports = it;`,
        resolveDir: root,
      }));
      build.onResolve(
        {
          filter:
            /^(ora|inquirer)$|(lib\/errors|kube\/index|port-forward\/index)\.ts$|^\.\/(errors|index)\.ts$/,
        },
        ({ path, resolveDir, kind }) => {
          if (kind === 'entry-point') return undefined;
          const target = path.startsWith('.') ? join(resolveDir, path) : path;
          const name = Object.entries(SHARED_MODULES).find(
            ([, module]) => target === (module.startsWith('src/') ? join(root, module) : module),
          )?.[0];
          if (name === undefined || name === own) return undefined;
          return { path: isOwn ? `./${name}.cjs` : `${prefix}shared/${name}.cjs`, external: true };
        },
      );
    },
  };
}
