/** Which profile a configuration starts from. */
import { MeshError } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json.ts';
import { getAt } from '../../lib/json.ts';
import { nearestName } from '../../lib/suggest.ts';
import type { OperatorFile } from './load-file.ts';
import type { Assignment } from './set-flag.ts';
import type { Origin } from './types.ts';

export interface ChosenProfile {
  readonly name: string;
  readonly tree: JsonObject;
}

/**
 * The profile of the last `--set profile=`, else of the last file that names one, else `argument`, else `default`.
 * Throws a `config` MeshError for a name that is not shipped.
 */
export function chooseProfile(
  profiles: Readonly<Record<string, JsonObject>>,
  argument: string | undefined,
  files: readonly OperatorFile[],
  sets: readonly Assignment[],
): ChosenProfile {
  let chosen: { readonly name: string; readonly origin: Origin | undefined } = {
    name: argument ?? '',
    origin: undefined,
  };
  for (const file of files) {
    const name = getAt(file.tree, ['spec', 'profile']);
    if (typeof name !== 'string' || name === '') continue;
    const position = file.locate(['spec', 'profile'], 'value');
    chosen = { name, origin: { layer: 'file', source: file.name, position } };
  }
  for (const { path, value, flag, text } of sets) {
    const [first] = path;
    if (path.length !== 1 || first?.type !== 'key' || first.key !== 'profile') continue;
    const name = value.type === 'text' ? value.text : value.value;
    if (typeof name === 'string' && name !== '') chosen = { name, origin: { layer: flag, source: text } };
  }
  const name = chosen.name === '' ? 'default' : chosen.name;
  const tree = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (tree) return { name, tree };
  throw unknownProfile(name, Object.keys(profiles).sort(), chosen.origin);
}

function unknownProfile(name: string, known: readonly string[], origin: Origin | undefined): MeshError {
  const nearest = nearestName(name, known);
  const list = `there is ${known.join(', ')}`;
  const where = origin && origin.layer !== 'file' ? `, in ${origin.layer} ${origin.source}` : '';
  return new MeshError('config', `profile "${name}" is not known${where}`, {
    hint: nearest === undefined ? list : `did you mean ${nearest}? ${list}`,
    position: origin?.position,
  });
}
