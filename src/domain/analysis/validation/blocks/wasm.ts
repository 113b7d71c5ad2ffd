/** What WasmPlugin and the `wasm` part of TrafficExtension have in common, and the traffic that both match. */
import { child, error, isSet, itemsOf, textAt, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { checkPort } from './port.ts';
import { parseUrl } from './uri.ts';

const SCHEMES: ReadonlySet<string> = new Set(['', 'file', 'http', 'https', 'oci']);
const MAX_NAME_LENGTH = 256;
const MAX_SECRET_NAME_LENGTH = 253;

export function checkWasm(wasm: Field): void {
  checkModuleUrl(child(wasm, 'url'), wasm);
  const sha256 = textAt(wasm, 'sha256');
  if (!/^(?:[0-9a-f]{64})?$/.test(sha256))
    error(child(wasm, 'sha256'), `must be 64 digits and letters a to f, in lower case, not "${sha256}"`);
  checkLength(child(wasm, 'imagePullSecret'), MAX_SECRET_NAME_LENGTH);
  checkLength(child(wasm, 'pluginName'), MAX_NAME_LENGTH);
  checkEnvironment(wasm);
}

function checkModuleUrl(field: Field, wasm: Field): void {
  const text = textOf(field);
  if (text === '') {
    error(wasm, 'needs the url of the module');
    return;
  }
  // An image is written without scheme, as for docker; with a port it is only a URL once it has one.
  const url = parseUrl(text) ?? parseUrl(`http://${text}`);
  if (!url) error(field, `"${text}" is not a URL`);
  else if (!SCHEMES.has(url.scheme))
    error(field, `"${text}" must begin with oci://, http://, https:// or file://, or have no scheme`);
}

function checkLength(field: Field, max: number): void {
  const { length } = textOf(field);
  if (length > max) error(field, `must have at most ${max} characters, but has ${length}`);
}

/** Stops at the first error. */
function checkEnvironment(wasm: Field): void {
  const names = new Set<string>();
  for (const variable of itemsOf(child(wasm, 'vmConfig'), 'env')) {
    const name = textAt(variable, 'name');
    const problem = findVariableProblem(variable, name, names);
    if (problem) {
      error(variable, problem);
      return;
    }
    names.add(name);
  }
}

function findVariableProblem(variable: Field, name: string, names: ReadonlySet<string>): string | undefined {
  if (name === '') return 'needs a name';
  if (name.length > MAX_NAME_LENGTH) return `its name must have at most ${MAX_NAME_LENGTH} characters`;
  if (names.has(name)) return `the variable "${name}" is defined twice`;
  if (textAt(variable, 'valueFrom') === 'HOST' && textAt(variable, 'value') !== '')
    return `the variable "${name}" is taken from HOST, so it has no value of its own`;
  return undefined;
}

/** `match[].ports[].number`. */
export function checkTrafficPorts(spec: Field): void {
  for (const match of itemsOf(spec, 'match')) {
    for (const port of itemsOf(match, 'ports')) {
      const number = child(port, 'number');
      checkPort(isSet(number) ? number : port);
    }
  }
}
