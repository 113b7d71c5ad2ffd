/** The values with which a revision of the control plane injects. */
import { isObject, stringAt } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import type { AnalysisContext, Resource } from '../types.ts';

const CONFIG_MAP = '/ConfigMap';
const NAME = 'istio-sidecar-injector';

/**
 * Values of the injector's ConfigMap for a revision (empty or `default`: the one without suffix); undefined when it was not
 * given or cannot be read. The one in Istio's namespace is preferred.
 */
export function injectorValues(context: AnalysisContext, revision: string): JsonObject | undefined {
  const name = revision === '' || revision === 'default' ? NAME : `${NAME}-${revision}`;
  return context.memo(`injector-values/${name}`, () => {
    const found = context.get(CONFIG_MAP, context.istioNamespace, name) ?? byName(context).get(name);
    return found && parseJsonObject(stringAt(found.spec, ['data', 'values']));
  });
}

function byName(context: AnalysisContext): ReadonlyMap<string, Resource> {
  return context.memo(
    'injector-config-maps',
    () =>
      new Map(
        context
          .list(CONFIG_MAP)
          .filter(({ name }) => name.startsWith(NAME))
          .map((resource) => [resource.name, resource]),
      ),
  );
}

function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    // Somebody else's ConfigMap of this name, or a broken one: then nothing is known.
    return undefined;
  }
}
