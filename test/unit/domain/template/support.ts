/** Short ways to compile and render, shared by the tests of the manifest language. */
import { compileTemplate, renderTemplate } from '../../../../src/domain/template/index.ts';
import type { Scope } from '../../../../src/domain/template/index.ts';
import { MeshError } from '../../../../src/lib/errors.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';

export const FILE = 'manifests/x/y.yaml';

export function render(text: string, scope: Scope = {}): JsonValue[] {
  return renderTemplate(compileTemplate({ file: FILE, text }), scope);
}

/** The value of one expression; 'absent' when it has none. */
export function evaluate(cel: string, scope: Scope = {}): JsonValue | undefined {
  const [document] = render(`value: "\${${cel}}"`, scope);
  return (document as Record<string, JsonValue>)['value'];
}

/** The error that `action` throws, which must be a MeshError. */
export function errorOf(action: () => unknown): MeshError {
  try {
    action();
  } catch (error) {
    if (error instanceof MeshError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The error as the lines that a user reads: `place: message (hint)`. */
export function problemsOf(action: () => unknown): string[] {
  const { position, message, hint, details } = errorOf(action);
  if (details.length > 0) return details.map((line) => line.replace(`${FILE}:`, ''));
  return [`${position?.line}:${position?.column}: ${message}${hint ? ` (${hint})` : ''}`];
}
