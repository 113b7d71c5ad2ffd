import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeBatches, parseBatchSize } from '../../../../src/domain/revision/batch.ts';
import { formatLabels, parseLabels, relabelPatch } from '../../../../src/domain/revision/previous.ts';

describe('batches', () => {
  it.each([
    ['10%', 20, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    ['10%', 3, [1, 1, 1]],
    ['34%', 5, [2, 2, 1]],
    ['100%', 5, [5]],
    ['3', 7, [3, 3, 1]],
    ['3', 0, []],
  ])('%s of %d', (text, count, sizes) => {
    const items = Array.from({ length: count }, (_, index) => index);
    const batches = makeBatches(items, parseBatchSize(text));
    expect(batches.map(({ length }) => length)).toEqual(sizes);
    expect(batches.flat()).toEqual(items);
  });

  it.each(['0', '0%', '101%', '', '-1', '1.5', '10 %', 'all', '%'])('"%s" is none', (text) => {
    expect(() => parseBatchSize(text)).toThrow('is not a number of workloads');
  });
});

describe('what is remembered', () => {
  it('labels survive the way into the annotation and back', () => {
    const value = fc.stringMatching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    const labels = fc.record(
      { 'istio-injection': fc.constantFrom('enabled', 'disabled'), 'istio.io/rev': value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(labels, (some) => {
        expect(parseLabels(formatLabels(some))).toEqual(some);
      }),
    );
    expect(parseLabels('kubernetes.io/metadata.name=x')).toBeUndefined();
    expect(parseLabels('nonsense')).toBeUndefined();
  });

  it('the patch takes every old label away, and going back forgets', () => {
    const enabled = { 'istio-injection': 'enabled', 'istio.io/rev': 'x' };
    const canary = { 'istio.io/rev': 'canary' };
    expect(relabelPatch(enabled, canary, 'canary')).toEqual({
      labels: { 'istio-injection': null, 'istio.io/rev': 'canary' },
      annotations: {
        'mesh.io/previous-revision': 'istio-injection=enabled,istio.io/rev=x',
        'mesh.io/promoted-to': 'canary',
      },
    });
    expect(relabelPatch(canary, { 'istio-injection': 'enabled' }, undefined)).toEqual({
      labels: { 'istio.io/rev': null, 'istio-injection': 'enabled' },
      annotations: { 'mesh.io/previous-revision': null, 'mesh.io/promoted-to': null },
    });
  });
});
