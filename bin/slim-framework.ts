/**
 * An esbuild plugin: a command needs oclif's Command class, flag parser and errors, but neither its plugin loader nor
 * its help, which take longer to load than most commands take to run. Those are for `dist/main.cjs`.
 */
import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

const LEFT_OUT = 'throw new Error("this part of oclif is not part of a command")';

/** Stand-ins for modules of `@oclif/core/lib`, by path. */
const STANDINS: Readonly<Record<string, string>> = {
  'config/index.js': `exports.Config = class { static load() { ${LEFT_OUT} } };`,
  'help/index.js': `exports.loadHelpClass = () => { ${LEFT_OUT} }; exports.Help = class {};`,
  // Commands and flags have no deprecated names; only then the words of the command line are looked at again.
  'help/util.js': 'exports.normalizeArgv = () => [];',
  // oclif's own traces (DEBUG=oclif*).
  'logger.js':
    'exports.makeDebug = () => () => undefined; exports.setLogger = exports.clearLoggers = () => undefined;',
  // Spinners are ours (adapters/terminal).
  'ux/action/simple.js': 'exports.__esModule = true; exports.default = class {};',
  'ux/action/spinner.js': 'exports.__esModule = true; exports.default = class {};',
};

export function slimFramework(root: string): Plugin {
  const lib = realpathSync(join(root, 'node_modules/@oclif/core/lib'));
  return {
    name: 'slim-framework',
    setup: (build) => {
      build.onResolve({ filter: /^@oclif\/core$/ }, () => ({ path: 'oclif', namespace: 'slim' }));
      build.onLoad({ filter: /^oclif$/, namespace: 'slim' }, () => ({
        contents: ['command.Command', 'flags.', 'args.', 'errors/index.']
          .map((part) => part.split('.'))
          .map(([file = '', name = '']) => {
            const from = JSON.stringify(join(lib, `${file}.js`));
            const exported: Readonly<Record<string, string>> = {
              flags: 'Flags',
              args: 'Args',
              'errors/index': 'Errors',
            };
            return name
              ? `export { ${name} } from ${from};`
              : `export * as ${exported[file] ?? ''} from ${from};`;
          })
          .join('\n'),
        resolveDir: root,
      }));
      build.onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => {
        const contents = STANDINS[relative(lib, path).replaceAll('\\', '/')];
        return contents === undefined ? undefined : { contents, loader: 'js' };
      });
    },
  };
}
