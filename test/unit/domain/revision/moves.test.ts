import { describe, expect, it } from '@jest/globals';
import { readInjectors } from '../../../../src/domain/injection/injectors.ts';
import type { Injector } from '../../../../src/domain/injection/injectors.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { planReturn } from '../../../../src/domain/revision/abandon.ts';
import type { ReturnInput } from '../../../../src/domain/revision/abandon.ts';
import { planPromotion } from '../../../../src/domain/revision/moves.ts';
import type { Promotion, PromotionInput } from '../../../../src/domain/revision/moves.ts';
import { namespaceUses } from '../../../../src/domain/revision/usage.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import { injectorConfiguration } from '../../../support/injector-objects.ts';

const namespace = (
  name: string,
  labels: Record<string, string> = {},
  annotations: Record<string, string> = {},
): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } });

/** As an install leaves them: the tag `default` points to the revision without a name, `prod` too. */
const INJECTORS = readInjectors([
  injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }),
  injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }),
  injectorConfiguration('istio-revision-tag-prod', { revision: 'default', tag: 'prod' }),
  injectorConfiguration('istio-sidecar-injector-old', { revision: 'old' }),
  injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }),
]);

const SHOP = namespace('shop', { 'istio-injection': 'enabled', team: 'a' });
const CART = namespace('cart', { 'istio.io/rev': 'prod' });
const PAY = namespace('pay', { 'istio.io/rev': 'prod' });
const OLD = namespace('legacy', { 'istio.io/rev': 'old' });
const PLAIN = namespace('plain');

function planWith(
  namespaces: readonly KubeObject[],
  input: Partial<PromotionInput> = {},
  injectors: readonly Injector[] = INJECTORS,
): Promotion {
  return planPromotion({
    revision: 'canary',
    choice: { type: 'users' },
    tags: [],
    uses: namespaceUses(namespaces, injectors),
    injectors,
    ...input,
  });
}

function errorOf(work: () => unknown): MeshError {
  try {
    work();
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const toCanary = { 'istio.io/rev': 'canary' };

describe('planPromotion', () => {
  it('relabels what names a revision or says istio-injection=enabled', () => {
    expect(planWith([SHOP, PLAIN])).toEqual({
      moves: [
        { type: 'namespace', namespace: 'shop', before: { 'istio-injection': 'enabled' }, after: toCanary },
      ],
      scope: ['shop'],
    });
    expect(planWith([OLD]).moves).toEqual([
      { type: 'namespace', namespace: 'legacy', before: { 'istio.io/rev': 'old' }, after: toCanary },
    ]);
  });

  it('moves the tag that namespaces name, and relabels the others', () => {
    expect(planWith([SHOP, CART, PAY])).toMatchObject({
      moves: [
        { type: 'namespace', namespace: 'shop' },
        { type: 'tag', tag: 'prod', from: 'default', to: 'canary' },
      ],
      scope: ['cart', 'pay', 'shop'],
    });
  });

  it('--tag default: who says istio-injection=enabled follows, unlabelled', () => {
    expect(planWith([SHOP, CART], { tags: ['default'] })).toMatchObject({
      moves: [
        { type: 'tag', tag: 'default', from: 'default', to: 'canary' },
        { type: 'tag', tag: 'prod' },
      ],
      scope: ['cart', 'shop'],
    });
  });

  it('a tag that is not there is made', () => {
    expect(planWith([], { tags: ['next'] }).moves).toEqual([
      { type: 'tag', tag: 'next', from: undefined, to: 'canary' },
    ]);
  });

  it('refuses to move more than was chosen, unless the tag was named', () => {
    const choice = { type: 'names', names: ['cart'], isStrict: true } as const;
    const error = errorOf(() => planWith([CART, PAY, SHOP], { choice }));
    expect([error.code, error.message]).toEqual([
      'conflict',
      'moving the tag prod would move pay too, nothing was changed',
    ]);
    expect(error.hint).toContain('add --tag prod');
    expect(planWith([CART, PAY, SHOP], { choice, tags: ['prod'] }).scope).toEqual(['cart', 'pay']);
  });

  it('what is there already stays in the scope, so that a stopped run is gone on with', () => {
    const moved = namespace('moved', toCanary);
    expect(planWith([moved, SHOP])).toMatchObject({
      moves: [{ namespace: 'shop' }],
      scope: ['moved', 'shop'],
    });
    expect(planWith([moved])).toEqual({ moves: [], scope: ['moved'] });
  });

  it('several revisions could be replaced: asks which', () => {
    const error = errorOf(() => planWith([SHOP, OLD]));
    expect(error.code).toBe('usage');
    expect(error.hint).toContain('--from: default, old');
    expect(planWith([SHOP, OLD], { choice: { type: 'users', from: 'old' } }).scope).toEqual(['legacy']);
    expect(planWith([SHOP, OLD, PLAIN], { choice: { type: 'all' } }).scope).toEqual(['legacy', 'shop']);
  });

  it('a label that nobody answers for is mended by --all-namespaces', () => {
    const lost = namespace('lost', { 'istio.io/rev': 'gone' });
    expect(planWith([lost], { choice: { type: 'all' } }).moves).toMatchObject([
      { before: { 'istio.io/rev': 'gone' }, after: toCanary },
    ]);
  });

  it('to the default revision: its label is hidden by the tag, so the tag comes back', () => {
    const injectors = readInjectors([
      injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }),
      injectorConfiguration('istio-revision-tag-default', { revision: 'canary', tag: 'default' }),
      injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }),
    ]);
    const here = namespace('here', toCanary);
    expect(planWith([here], { revision: 'default' }, injectors).moves).toMatchObject([
      { type: 'namespace', namespace: 'here', after: { 'istio.io/rev': 'default' } },
      { type: 'tag', tag: 'default', from: 'canary', to: 'default' },
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['a name with a typo', 'shpo', /did you mean shop\?/],
    ['a namespace out of the mesh', 'plain', /mesh namespace label plain/],
    ['a namespace of Kubernetes', 'kube-system', /mesh revision list/],
  ])('refuses %s', (_name, name, hint) => {
    const choice = { type: 'names', names: [name], isStrict: true } as const;
    const error = errorOf(() => planWith([SHOP, PLAIN, namespace('kube-system')], { choice }));
    expect(error.code).toBe('usage');
    expect(error.hint).toMatch(hint);
  });

  it('a selector may match what is not in the mesh', () => {
    const choice = { type: 'names', names: ['shop', 'plain'], isStrict: false } as const;
    expect(planWith([SHOP, PLAIN], { choice }).scope).toEqual(['shop']);
  });
});

describe('planReturn', () => {
  const injectors = readInjectors([
    injectorConfiguration('istio-sidecar-injector-old', { revision: 'old' }),
    injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }),
    injectorConfiguration('istio-revision-tag-prod', { revision: 'canary', tag: 'prod' }),
  ]);
  const promoted = (annotations: Record<string, string>): KubeObject =>
    namespace('shop', toCanary, annotations);
  const back = (namespaces: readonly KubeObject[], input: Partial<ReturnInput> = {}): unknown =>
    planReturn({
      revision: 'canary',
      to: undefined,
      uses: namespaceUses(namespaces, injectors),
      injectors,
      previousOfTag: new Map(),
      ...input,
    });

  it('labels come back as they were, tags to where they pointed', () => {
    const shop = promoted({
      'mesh.io/promoted-to': 'canary',
      'mesh.io/previous-revision': 'istio-injection=enabled,istio.io/rev=x',
    });
    expect(back([shop, CART], { previousOfTag: new Map([['prod', 'old']]) })).toEqual([
      { type: 'tag', tag: 'prod', from: 'canary', to: 'old' },
      {
        type: 'namespace',
        namespace: 'shop',
        before: toCanary,
        after: { 'istio-injection': 'enabled', 'istio.io/rev': 'x' },
      },
    ]);
  });

  it.each<[string, KubeObject]>([
    ['nothing is remembered', promoted({})],
    [
      'what is remembered was about another revision',
      promoted({ 'mesh.io/promoted-to': 'blue', 'mesh.io/previous-revision': 'istio.io/rev=old' }),
    ],
    [
      'somebody wrote into it',
      promoted({ 'mesh.io/promoted-to': 'canary', 'mesh.io/previous-revision': 'app=x' }),
    ],
  ])('refuses when %s, and --to says where', (_name, shop) => {
    const error = errorOf(() => back([shop]));
    expect(error.code).toBe('conflict');
    expect(error.details).toEqual(['namespace shop uses it, and what it used before is not recorded']);
    expect(error.hint).toBe('say where to with --to: old');
    expect(back([shop], { to: 'old' })).toMatchObject([
      { type: 'tag', tag: 'prod', to: 'old' },
      { type: 'namespace', after: { 'istio.io/rev': 'old' } },
    ]);
  });

  it('a tag without a way back blocks only while somebody follows it', () => {
    expect(back([])).toEqual([]);
    expect(errorOf(() => back([CART])).details[0]).toContain('cart would be cut off');
    const gone = { previousOfTag: new Map([['prod', 'removed']]) };
    expect(errorOf(() => back([CART], gone)).details[0]).toContain('removed before, which is no longer');
  });

  it('the only revision is not left', () => {
    const only = injectors.filter(({ revision }) => revision === 'canary');
    expect(errorOf(() => back([], { injectors: only })).message).toContain('is the only revision');
    expect(errorOf(() => back([], { to: 'nowhere' })).code).toBe('usage');
  });
});
