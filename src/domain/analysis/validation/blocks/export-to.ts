/** `exportTo`: the namespaces that see a resource. */
import { error, itemsOf, textOf } from '../field.ts';
import type { Field } from '../field.ts';
import { isDnsLabel } from './domain.ts';

export interface ExportOptions {
  /** ServiceEntries may be exported to nowhere, with `~`. */
  readonly none?: boolean;
  /** A DestinationRule for some workloads only applies in its own namespace. */
  readonly ownOnly?: boolean;
}

export function checkExportTo(spec: Field, namespace: string, options: ExportOptions = {}): void {
  const targets = itemsOf(spec, 'exportTo');
  const seen = new Set<string>();
  for (const target of targets) {
    const text = textOf(target);
    const scope = text === '.' ? namespace : text;
    if (seen.has(scope)) error(target, `"${text}" is listed twice`);
    seen.add(scope);
    if (text === '~') {
      if (!options.none) error(target, '"~" is only possible for a ServiceEntry');
    } else if (text !== '.' && text !== '*' && !isDnsLabel(text)) {
      error(target, `"${text}" must be a namespace, "." for its own one or "*" for all`);
    }
  }
  for (const alone of options.none ? ['*', '~'] : ['*']) {
    const target = targets.length > 1 ? targets.find((item) => textOf(item) === alone) : undefined;
    if (target) error(target, `"${alone}" must stand alone`);
  }
  const [first] = targets;
  if (options.ownOnly && first) {
    const text = textOf(first);
    if (targets.length > 1 || (text !== '.' && text !== namespace))
      error(first, 'with a workloadSelector it can only be exported to its own namespace, "."');
  }
}
