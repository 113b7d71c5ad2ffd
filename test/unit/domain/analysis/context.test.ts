import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../../../src/domain/analysis/context.ts';
import type { Resource } from '../../../../src/domain/analysis/types.ts';
import { contextOf, resourcesOf } from '../../../support/analysis.ts';

const pod = (name: string, namespace: string, labels: string): string =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}\n`;
const names = (resources: readonly Resource[]): string[] => resources.map(({ name }) => name);

const YAML =
  pod('p1', 'a', 'app: x, version: v1') + pod('p2', 'b', 'app: x, version: v2') + pod('p3', 'b', 'app: z');

describe('the index', () => {
  const context = contextOf(YAML);

  test('lists in load order, by namespace, by name', () => {
    expect(names(context.list('/Pod'))).toEqual(['p1', 'p2', 'p3']);
    expect(names(context.listIn('/Pod', 'b'))).toEqual(['p2', 'p3']);
    expect(context.listIn('/Pod', 'c')).toEqual([]);
    expect(context.get('/Pod', 'b', 'p3')?.name).toBe('p3');
    expect(context.get('/Pod', 'a', 'p3')).toBeUndefined();
    expect(context.list('/Service')).toEqual([]);
  });

  test('selects by all labels, anywhere or in a namespace; an empty selector selects all', () => {
    expect(names(context.select('/Pod', { app: 'x' }))).toEqual(['p1', 'p2']);
    expect(names(context.select('/Pod', { app: 'x', version: 'v2' }))).toEqual(['p2']);
    expect(names(context.select('/Pod', { app: 'x' }, 'a'))).toEqual(['p1']);
    expect(names(context.select('/Pod', { app: 'x', version: 'v3' }))).toEqual([]);
    expect(names(context.select('/Pod', {}, 'b'))).toEqual(['p2', 'p3']);
    expect(context.select('/Service', {})).toEqual([]);
  });

  test('knows a kind when one was given, or a cluster was asked; stand-ins do not count', () => {
    expect(context.isKnown('/Pod')).toBe(true);
    expect(context.isKnown('/Service')).toBe(false);
    expect(contextOf('', { knownKinds: ['/Service'] }).isKnown('/Service')).toBe(true);
    const standIns = resourcesOf(YAML).map((resource) => ({ ...resource, isStandIn: true }));
    expect(contextOf('', { more: standIns }).isKnown('/Pod')).toBe(false);
  });

  test('makes a shared value once, also when it is undefined', () => {
    let made = 0;
    for (let round = 0; round < 3; round += 1)
      context.memo('test', () => {
        made += 1;
      });
    expect(made).toBe(1);
  });

  test('of several clusters the first one has the name', () => {
    const resources = [...resourcesOf(YAML, 'one'), ...resourcesOf(YAML, 'two')];
    const many = createContext(resources, {
      meshConfig: {},
      meshNetworks: {},
      istioNamespace: 'istio-system',
    });
    expect(many.get('/Pod', 'a', 'p1')?.cluster).toBe('one');
    expect(many.list('/Pod')).toHaveLength(6);
  });
});
