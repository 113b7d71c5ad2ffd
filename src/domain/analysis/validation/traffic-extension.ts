/** TrafficExtension (facts 6.14). */
import { checkAttachment } from './blocks/selector.ts';
import { checkTrafficPorts, checkWasm } from './blocks/wasm.ts';
import { child, error, isSet, rootField, textAt } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

const MAX_CODE_BYTES = 65_536;

export function validateTrafficExtension({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  const wasm = child(root, 'wasm');
  const lua = child(root, 'lua');
  if (isSet(wasm) === isSet(lua)) error(root, 'give either wasm or lua');
  checkAttachment(root);
  if (isSet(lua)) {
    const bytes = new TextEncoder().encode(textAt(lua, 'inlineCode')).length;
    if (bytes === 0) error(lua, 'needs inlineCode');
    else if (bytes > MAX_CODE_BYTES)
      error(child(lua, 'inlineCode'), `must have at most ${MAX_CODE_BYTES} bytes, but has ${bytes}`);
  }
  if (isSet(wasm)) checkWasm(wasm);
  checkTrafficPorts(root);
  return root.problems;
}
