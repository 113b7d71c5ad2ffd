/** The resource ProxyConfig (facts 6.14); the part of the mesh config with this name is in `mesh-proxy-config.ts`. */
import { child, rootField } from './field.ts';
import { checkNotNegative } from './blocks/number.ts';
import { checkMatchLabels } from './blocks/selector.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateProxyConfig({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkMatchLabels(child(root, 'selector'));
  checkNotNegative(child(root, 'concurrency'));
  return root.problems;
}
