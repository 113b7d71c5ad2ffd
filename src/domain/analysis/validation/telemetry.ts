/** Telemetry (facts 6.13). */
import { checkPercent } from './blocks/number.ts';
import { checkAttachment } from './blocks/selector.ts';
import { findCelProblem } from './cel.ts';
import { child, entries, error, isSet, itemsOf, rootField, textAt, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateTelemetry({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  checkAttachment(root);
  for (const metrics of itemsOf(root, 'metrics')) checkMetrics(metrics);
  const tracing = itemsOf(root, 'tracing');
  if (tracing[1]) warn(tracing[1], 'only the first entry of tracing is used');
  for (const entry of tracing) checkTracing(entry);
  for (const logging of itemsOf(root, 'accessLogging')) checkAccessLogging(logging);
  return root.problems;
}

function checkProviders(owner: Field): readonly Field[] {
  const providers = itemsOf(owner, 'providers');
  for (const provider of providers) {
    if (textAt(provider, 'name') === '') error(provider, 'needs the name of a provider');
  }
  return providers;
}

function checkMetrics(metrics: Field): void {
  checkProviders(metrics);
  for (const override of itemsOf(metrics, 'overrides')) {
    for (const tag of entries(child(override, 'tagOverrides'))) checkTagOverride(tag);
    const custom = child(child(override, 'match'), 'customMetric');
    if (isSet(custom) && textOf(custom) === '') error(custom, 'must not be empty');
  }
}

function checkTagOverride(tag: Field): void {
  if (tag.key === '') warn(tag, 'the name of a tag should not be empty');
  const value = textAt(tag, 'value');
  if (textAt(tag, 'operation') === 'REMOVE') {
    if (value !== '') error(child(tag, 'value'), 'the operation REMOVE takes no value');
  } else if (value === '') error(tag, 'the operation UPSERT, which is the default, needs a value');
}

/** By kind of tag: the field that must not be empty. */
const TAG_SOURCES: Readonly<Record<string, string>> = {
  literal: 'value',
  header: 'name',
  environment: 'name',
};

function checkTracing(tracing: Field): void {
  const providers = checkProviders(tracing);
  if (providers[1]) warn(providers[1], 'only the first provider is used');
  checkPercent(child(tracing, 'randomSamplingPercentage'));
  for (const tag of entries(child(tracing, 'customTags'))) {
    if (tag.key === '') error(tag, 'the name of a tag must not be empty');
    for (const [kind, key] of Object.entries(TAG_SOURCES)) {
      const source = child(tag, kind);
      if (isSet(source) && textAt(source, key) === '') error(source, `needs a ${key}`);
    }
  }
}

function checkAccessLogging(logging: Field): void {
  const filter = child(logging, 'filter');
  if (isSet(filter)) {
    const expression = child(filter, 'expression');
    const problem = findCelProblem(textOf(expression));
    if (problem) error(expression, `"${textOf(expression)}" is not an expression of CEL: ${problem}`);
  }
  checkProviders(logging);
}
