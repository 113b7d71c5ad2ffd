import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acceptsLabels } from '../../../../src/domain/analysis/semantics/label-selector.ts';
import { decideInjection } from '../../../../src/domain/injection/decide.ts';
import { chooseInjector, readInjectors, revisionNames } from '../../../../src/domain/injection/injectors.ts';
import { matchInjector } from '../../../../src/domain/injection/match.ts';
import type { Labels } from '../../../../src/domain/injection/match.ts';
import { injectorConfiguration } from '../../../support/injector-objects.ts';

const [tagged] = readInjectors([injectorConfiguration('tag', { revision: 'default', tag: 'default' })]);
const [canary] = readInjectors([injectorConfiguration('canary', { revision: 'canary' })]);
const [off] = readInjectors([injectorConfiguration('plain', { revision: 'default', switchedOff: true })]);
const match = (injector: typeof tagged, namespaceLabels: Labels, labels: Labels = {}) => {
  const { matches, reason } = matchInjector(injector!, { labels, namespaceLabels });
  return [matches, reason];
};

describe('matchInjector', () => {
  it.each<[string, Labels, Labels, boolean, string]>([
    ['namespace', { 'istio-injection': 'enabled' }, {}, true, 'namespace label istio-injection=enabled'],
    ['revision', { 'istio.io/rev': 'default' }, {}, true, 'namespace label istio.io/rev=default'],
    ['pod', {}, { 'sidecar.istio.io/inject': 'true' }, true, 'pod label sidecar.istio.io/inject=true'],
    ['pod revision', {}, { 'istio.io/rev': 'default' }, true, 'pod label istio.io/rev=default'],
    [
      'opted out',
      { 'istio-injection': 'enabled' },
      { 'sidecar.istio.io/inject': 'false' },
      false,
      'pod label sidecar.istio.io/inject=false rules it out',
    ],
    [
      'disabled',
      { 'istio-injection': 'disabled' },
      {},
      false,
      'namespace label istio-injection is disabled, not enabled',
    ],
    [
      'nothing said',
      {},
      {},
      false,
      'no namespace label istio.io/rev=default; no pod label istio.io/rev=default; no namespace label istio-injection=enabled; no pod label sidecar.istio.io/inject=true',
    ],
    [
      'another revision',
      { 'istio.io/rev': 'canary' },
      {},
      false,
      'namespace label istio.io/rev is canary, not default; no namespace label istio-injection=enabled',
    ],
    [
      'both labels: the injection label counts',
      { 'istio.io/rev': 'canary', 'istio-injection': 'enabled' },
      {},
      true,
      'namespace label istio-injection=enabled',
    ],
  ])('the tag default, %s', (_name, namespaceLabels, labels, matches, reason) => {
    expect(match(tagged, namespaceLabels, labels)).toEqual([matches, reason]);
  });

  it('says that an injector is switched off', () => {
    expect(match(off, { 'istio-injection': 'enabled' })).toEqual([
      false,
      'switched off, a tag has taken its place',
    ]);
  });

  it('a revision does not answer for istio-injection', () => {
    expect(match(canary, { 'istio-injection': 'enabled' })[0]).toBe(false);
    expect(match(canary, { 'istio.io/rev': 'canary', 'istio-injection': 'enabled' })).toEqual([
      false,
      'namespace label istio-injection=enabled rules it out',
    ]);
  });

  it('selectors of every form decide as Kubernetes does', () => {
    const key = fc.constantFrom('a', 'b');
    const value = fc.constantFrom('', 'x', 'y');
    const labels = fc.dictionary(key, value, { noNullPrototype: true });
    const expression = fc.oneof(
      fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values: fc.array(value, { minLength: 1 }) }),
      fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const selector = fc.record(
      { matchLabels: labels, matchExpressions: fc.array(expression) },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        selector,
        selector,
        labels,
        labels,
        (namespaceSelector, objectSelector, ofNamespace, ofPod) => {
          const configuration = injectorConfiguration('x', { revision: 'x' });
          const webhooks = (configuration['webhooks'] as object[]).map((webhook) => ({
            ...webhook,
            namespaceSelector,
            objectSelector,
          }));
          const [injector] = readInjectors([{ ...configuration, webhooks }]);
          const expected =
            acceptsLabels(namespaceSelector, ofNamespace) && acceptsLabels(objectSelector, ofPod);
          const result = matchInjector(injector!, { labels: ofPod, namespaceLabels: ofNamespace });
          expect(result.matches).toBe(expected);
          expect(result.reason).not.toBe('');
        },
      ),
    );
  });
});

describe('readInjectors', () => {
  it('leaves out webhooks that do not inject', () => {
    const foreign = injectorConfiguration('foreign', { revision: 'x' });
    const named = (name: string) => ({
      ...foreign,
      webhooks: (foreign['webhooks'] as object[]).map((webhook) => ({ ...webhook, name })),
    });
    const services = {
      ...foreign,
      webhooks: (foreign['webhooks'] as object[]).map((webhook) => ({
        ...webhook,
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['services'] }],
      })),
    };
    expect(readInjectors([named('mutate.kyverno.svc'), services] as (typeof foreign)[])).toEqual([]);
    expect(readInjectors([named('other.istio.io')] as (typeof foreign)[])).toHaveLength(1);
  });

  it('chooses the tag default, else the default revision, else the only one', () => {
    const names = (...injectors: (typeof tagged)[]) => injectors.map((injector) => injector!);
    expect(chooseInjector(names(canary, off, tagged), undefined).name).toBe('tag');
    expect(chooseInjector(names(canary, off), undefined).name).toBe('plain');
    expect(chooseInjector(names(canary), undefined).name).toBe('canary');
    expect(chooseInjector(names(canary, off, tagged), 'canary').name).toBe('canary');
    expect(() => chooseInjector(names(canary, off), 'nope')).toThrow(
      'there is no revision and no tag "nope"',
    );
    const [other] = readInjectors([injectorConfiguration('other', { revision: 'other' })]);
    expect(() => chooseInjector(names(canary, other), undefined)).toThrow(
      'no control plane is the default one',
    );
    expect(revisionNames(names(canary, off, tagged))).toEqual(['canary', 'default']);
  });
});

describe('decideInjection', () => {
  const pod = { namespace: 'shop', labels: {}, annotations: {}, hostNetwork: false };
  const config = {
    policy: 'disabled',
    neverInjectSelector: [{}, { matchLabels: { never: 'yes' } }],
    alwaysInjectSelector: [{ matchLabels: { always: 'yes' } }],
  };

  it.each([
    ['the default', pod, undefined, true, 'policy enabled of the injector'],
    [
      'hostNetwork',
      { ...pod, hostNetwork: true, labels: { 'sidecar.istio.io/inject': 'true' } },
      undefined,
      false,
      /hostNetwork/,
    ],
    [
      'a system namespace',
      { ...pod, namespace: 'kube-system' },
      undefined,
      false,
      /never injects in kube-system/,
    ],
    ['its label', { ...pod, labels: { 'sidecar.istio.io/inject': 'true' } }, config, true, /pod label/],
    [
      'its annotation',
      { ...pod, annotations: { 'sidecar.istio.io/inject': 'false' } },
      undefined,
      false,
      /pod annotation/,
    ],
    [
      'the label before the annotation',
      {
        ...pod,
        labels: { 'sidecar.istio.io/inject': 'true' },
        annotations: { 'sidecar.istio.io/inject': 'false' },
      },
      undefined,
      true,
      /pod label/,
    ],
    ['the policy', pod, config, false, 'policy disabled of the injector'],
    ['alwaysInjectSelector', { ...pod, labels: { always: 'yes' } }, config, true, /alwaysInjectSelector/],
    [
      'neverInjectSelector first',
      { ...pod, labels: { always: 'yes', never: 'yes' } },
      config,
      false,
      /neverInjectSelector/,
    ],
    [
      'another word is no word',
      { ...pod, labels: { 'sidecar.istio.io/inject': 'maybe' } },
      undefined,
      true,
      /policy/,
    ],
  ])('%s', (_name, subject, given, injects, reason) => {
    expect(decideInjection(subject, given)).toEqual({
      injects,
      reason: expect.stringMatching(reason),
    });
  });
});
