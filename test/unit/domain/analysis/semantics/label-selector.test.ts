import { expect, test } from '@jest/globals';
import { acceptsLabels } from '../../../../../src/domain/analysis/semantics/label-selector.ts';

const expression = (
  operator: string,
  values: string[] = [],
): { matchExpressions: { key: string; operator: string; values: string[] }[] } => ({
  matchExpressions: [{ key: 'rev', operator, values }],
});

test.each([
  [undefined, {}, true],
  [{}, { rev: 'a' }, true],
  [{ matchLabels: { rev: 'a' } }, { rev: 'a', more: 'b' }, true],
  [{ matchLabels: { rev: 'a' } }, { rev: 'b' }, false],
  [expression('In', ['a']), { rev: 'a' }, true],
  [expression('In', ['a']), {}, false],
  [expression('NotIn', ['a']), {}, true],
  [expression('NotIn', ['a']), { rev: 'a' }, false],
  [expression('Exists'), { rev: '' }, true],
  [expression('Exists'), {}, false],
  [expression('DoesNotExist'), {}, true],
  [expression('DoesNotExist'), { rev: '' }, false],
  [expression('Near', ['a']), { rev: 'a' }, false],
  [{ matchLabels: { rev: 'a' }, ...expression('NotIn', ['a']) }, { rev: 'a' }, false],
])('%j on %j: %s', (selector, labels, accepted) => {
  expect(acceptsLabels(selector, labels)).toBe(accepted);
});
