/** How many workloads restart at once. */
import { MeshError } from '../../lib/errors.ts';

/** `10%` of all, or a number. */
export type BatchSize = { readonly percent: number } | { readonly count: number };

/** Throws a `usage` MeshError. */
export function parseBatchSize(text: string): BatchSize {
  const [, digits = '', sign = ''] = /^(\d{1,6})(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (number < 1 || (sign === '%' && number > 100)) {
    throw new MeshError('usage', `--batch "${text}" is not a number of workloads`, {
      hint: 'write for example 5, or 10%',
    });
  }
  return sign === '%' ? { percent: number } : { count: number };
}

/** Slices of `items` in their order; a percentage is of all, and at least one. */
export function makeBatches<T>(items: readonly T[], size: BatchSize): T[][] {
  const step = 'count' in size ? size.count : Math.max(1, Math.ceil((items.length * size.percent) / 100));
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += step) batches.push(items.slice(start, start + step));
  return batches;
}
