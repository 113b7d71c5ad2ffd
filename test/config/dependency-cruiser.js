/**
 * The layer rule of the design: commands → cli → (app | report | adapters) → domain → lib, never back;
 * each library is imported in one place; the core knows no `node:` module.
 */
const layer = (name, from, allowed) => ({
  name: `layer-${name}`,
  severity: 'error',
  comment: `src/${name} may import only ${allowed.join(', ')}`,
  from: { path: from },
  to: { path: '^src/', pathNot: allowed.map((folder) => `^src/${folder}/`) },
});

const library = (packages, place) => ({
  name: `library-${packages.replace(/[^a-z]+/g, '-')}`,
  severity: 'error',
  comment: `${packages} is imported in ${place} only`,
  from: { path: '^src/', pathNot: place },
  to: { path: `^node_modules/(${packages})/` },
});

export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    layer('lib', '^src/lib/', ['lib']),
    layer('domain', '^src/domain/', ['domain', 'lib']),
    layer('report', '^src/report/', ['report', 'app', 'domain', 'lib']),
    layer('app', '^src/app/', ['app', 'domain', 'lib']),
    layer('adapters', '^src/adapters/', ['adapters', 'app', 'domain', 'lib']),
    layer('cli', '^src/cli/', ['cli', 'app', 'report', 'adapters', 'domain', 'lib']),
    {
      name: 'core-without-node',
      severity: 'error',
      from: { path: '^src/(lib|domain|report|app)/' },
      to: { dependencyTypes: ['core'] },
    },
    library('yaml', '^src/lib/yaml\\.ts$'),
    library('js-yaml', '^src/lib/yaml-fast\\.ts$'),
    library('deepmerge', '^src/domain/config/merge\\.ts$'),
    library('diff', '^src/lib/text-diff\\.ts$'),
    library('@marcbachmann/cel-js', '^src/domain/(template/expression|analysis/validation/cel)\\.ts$'),
    library('ajv', '^src/domain/config/schema\\.ts$'),
    library('@kubernetes/client-node|undici|ws', '^src/adapters/kube/'),
    library('ora|inquirer|@inquirer', '^src/adapters/terminal/'),
    library('@oclif', '^src/(commands|cli)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
