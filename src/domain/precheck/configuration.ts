/** Live configuration that this version refuses, or that uses what will go. */
import { createContext } from '../analysis/context.ts';
import { deprecatedFields } from '../analysis/rules/deprecated-fields.ts';
import { schemaValidation } from '../analysis/rules/schema-validation.ts';
import type { Rule } from '../analysis/types.ts';
import { defineCheck } from './types.ts';

/** What depends on the version; all else that can be wrong with configuration is for `mesh analyze`. */
const CODES = ['IST0002', 'IST0106'];

/** Rules of the analysis about existing objects; mesh config and networks are none. */
export const CONFIGURATION_RULES: readonly Rule[] = [deprecatedFields, ...schemaValidation].filter(
  ({ kinds }) => kinds.length > 0,
);

export const configuration = defineCheck({
  name: 'configuration',
  summary: 'Live configuration is valid for this version and uses no deprecated fields.',
  codes: CODES,
  needs: ['configuration'],
  check: ({ spec }, facts) => {
    const settings = { meshConfig: {}, meshNetworks: {}, istioNamespace: spec.namespace };
    const context = createContext(facts.configuration, settings);
    const found = CONFIGURATION_RULES.flatMap((rule) => rule.check(context));
    return found.filter(({ code }) => CODES.includes(code));
  },
});
