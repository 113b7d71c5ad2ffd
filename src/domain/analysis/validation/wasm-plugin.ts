/** WasmPlugin (facts 6.14). */
import { checkAttachment } from './blocks/selector.ts';
import { checkTrafficPorts, checkWasm } from './blocks/wasm.ts';
import { rootField } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateWasmPlugin({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkAttachment(root);
  checkWasm(root);
  checkTrafficPorts(root);
  return root.problems;
}
