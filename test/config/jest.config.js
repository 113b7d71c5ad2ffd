import { resolve } from 'node:path';

const rootDir = resolve(import.meta.dirname, '../..');

const shared = {
  rootDir,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** A busy machine starts processes slowly; nothing here is meant to be timed. */
const patient = { testTimeout: 60_000 };

const project = (name, options = {}) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  ...options,
});

export default {
  rootDir,
  projects: [
    project('unit'),
    project('golden'),
    project('analysis'),
    project('cli', patient),
    project('e2e', patient),
  ],
};
