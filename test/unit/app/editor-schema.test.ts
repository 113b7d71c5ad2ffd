/** `mesh schema`: a strict standard validator takes what mesh takes and refuses what mesh refuses. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readShippedFolder } from '../../../src/adapters/files/bundle-folder.ts';
import { editorSchema } from '../../../src/app/editor-schema.ts';
import { parseYamlObject } from '../../../src/lib/yaml.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const schema = editorSchema(readShippedFolder(root));
// `strict` refuses keywords that are not of JSON Schema.
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false }).compile(schema);

/** `path: what is wrong`, once for each place. */
function problems(text: string): string[] {
  validate(parseYamlObject(text, 'a.yaml').value);
  return (validate.errors ?? []).map(({ instancePath, params, message }) =>
    [instancePath, params['additionalProperty'] ?? message].join(': '),
  );
}

const profiles = join(root, 'profiles');
const cases = join(root, 'test/golden/cases');
const goldenInputs = readdirSync(cases).flatMap((name) =>
  readdirSync(join(cases, name))
    .filter((file) => file.endsWith('.yaml') && file !== 'expected.yaml')
    .map((file) => join(name, file)),
);

test('names itself', () => {
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:mesh:istio-operator:1.31.4',
    title: 'IstioOperator of Istio 1.31.4',
  });
});

test('has no extensions of mesh', () => {
  expect(JSON.stringify(schema)).not.toMatch(/"x-[a-z-]+":/);
});

test.each(readdirSync(profiles))('profile %s is valid', (file) => {
  expect(problems(readFileSync(join(profiles, file), 'utf8'))).toEqual([]);
});

test.each(goldenInputs)('golden input %s is valid', (file) => {
  expect(problems(readFileSync(join(cases, file), 'utf8'))).toEqual([]);
});

describe('refuses', () => {
  test.each([
    ['{}', [": must have required property 'kind'"]],
    ['kind: IstioOperator\nstatus: {}', [': status']],
    ['kind: IstioOperator\nspec: {profil: demo}', ['/spec: profil']],
    ['kind: IstioOperator\nspec: {hub: 5}', ['/spec/hub: must be string,null']],
    [
      'kind: IstioOperator\nspec: {compatibilityVersion: "1.24"}',
      ['/spec/compatibilityVersion: must be equal to one of the allowed values'],
    ],
    ['kind: IstioOperator\nspec: {components: {pilots: {}}}', ['/spec/components: pilots']],
    [
      'kind: IstioOperator\nspec: {components: {pilot: {enabled: "true"}}}',
      ['/spec/components/pilot/enabled: must be boolean,null'],
    ],
    [
      'kind: IstioOperator\nspec: {components: {ingressGateways: {}}}',
      ['/spec/components/ingressGateways: must be array'],
    ],
    [
      'kind: IstioOperator\nspec: {components: {pilot: {k8s: {replicaCount: "3"}}}}',
      ['/spec/components/pilot/k8s/replicaCount: must be integer,null'],
    ],
    ['kind: IstioOperator\nspec: {values: {traceSampling: 1}}', ['/spec/values: traceSampling']],
    [
      'kind: IstioOperator\nspec: {values: {global: {proxy: {logLevl: debug}}}}',
      ['/spec/values/global/proxy: logLevl'],
    ],
    [
      'kind: IstioOperator\nspec: {values: {global: {resourceScope: some}}}',
      ['/spec/values/global/resourceScope: must be equal to one of the allowed values'],
    ],
    ['kind: IstioOperator\nspec: {meshConfig: {accessLogFil: x}}', ['/spec/meshConfig: accessLogFil']],
    [
      'kind: IstioOperator\nspec: {meshConfig: {connectTimeout: soon}}',
      ['/spec/meshConfig/connectTimeout: must match pattern'],
    ],
  ])('%s', (text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, problem] of expected.entries()) expect(found[index]).toContain(problem);
  });
});

test('takes both spellings of a mesh setting', () => {
  expect(problems('kind: IstioOperator\nspec: {meshConfig: {access_log_file: /dev/stdout}}')).toEqual([]);
  expect(problems('kind: IstioOperator\nspec: {meshConfig: {access_log_file: 5}}')).toHaveLength(1);
});

test('takes any key below unvalidatedValues', () => {
  expect(problems('kind: IstioOperator\nspec: {unvalidatedValues: {a: {b: [1]}}}')).toEqual([]);
});
