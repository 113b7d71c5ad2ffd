/**
 * mesh as a library: `import { analyze } from 'mesh'`. Pure: no file, no network, no `node:` module, so that it runs in a
 * browser and in an editor. Everything that goes in and comes out is plain data, and the types of this file stand alone:
 * they become `dist/index.d.ts`.
 */
import { analyzeResources, describeComment } from './domain/analysis/analyze.ts';
import { loadFiles } from './domain/analysis/load.ts';
import { mergeMeshConfig } from './domain/analysis/mesh-config.ts';
import type { ProtoProblem } from './domain/analysis/proto.ts';
import { kindsOf, listRules, selectRules } from './domain/analysis/registry.ts';
import { originOf, parseSuppression, SUPPRESS_ANNOTATION } from './domain/analysis/suppress.ts';
import type { Message } from './domain/analysis/types.ts';
import { MeshError } from './lib/errors.ts';
import type { Problem } from './lib/errors.ts';
import { isObject } from './lib/json.ts';
import type { JsonObject, JsonValue } from './lib/json.ts';
import { readYaml } from './lib/yaml-fast.ts';

/** A file with Kubernetes resources, as YAML (any number of documents, `List`s too) or, where the name ends in `.json`, JSON. */
export interface SourceText {
  /** Appears in places: a path, a URL, anything. */
  readonly name: string;
  readonly content: string;
}

export interface AnalyzeOptions {
  /** Only these analyzers, such as `virtualservice.GatewayAnalyzer`; `listAnalyzers` tells the names. Default: all. */
  readonly analyzers?: readonly string[];
  /** All but these analyzers. */
  readonly skipAnalyzers?: readonly string[];
  /** Only findings in this namespace, which is also that of resources that name none. Default: all namespaces. */
  readonly namespace?: string;
  /** Hides findings: `CODE=Kind namespace/name`; `*` stands for any text. */
  readonly suppress?: readonly string[];
  /** MeshConfig, as YAML or as an object. Default: Istio's defaults. */
  readonly meshConfig?: string | object;
  /** MeshNetworks, as YAML or as an object. */
  readonly meshNetworks?: string | object;
  /** Namespace of the control plane. Default: `istio-system`. */
  readonly istioNamespace?: string;
  /** Milliseconds since 1970 at which certificates must be valid. Default: now. */
  readonly nowMs?: number;
}

/** Line and column count from 1, in UTF-16 code units, as editors do. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Finding {
  /** `IST0101`. */
  readonly code: string;
  readonly level: 'Error' | 'Warning' | 'Info';
  /** One sentence. */
  readonly message: string;
  /** Name of the analyzer. */
  readonly analyzer: string;
  readonly documentationUrl: string;
  /** `VirtualService shop/web`; absent when it is about no single resource. */
  readonly origin?: string;
  /** The offending value; absent when it is about no single resource. */
  readonly place?: Place;
  /** Keys and indexes that lead to the offending value in its resource; absent: the resource as a whole. */
  readonly path?: readonly (string | number)[];
  readonly suggestion?: Suggestion;
}

export interface Suggestion {
  /** `did you mean "reviews"?`, or a command to type. */
  readonly text: string;
  readonly fix?: Fix;
}

/** A safe repair: the value at `path` of the resource becomes `value`, or its key `rename`; with neither it is removed. */
export interface Fix {
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
  readonly rename?: string | undefined;
}

/** A document that could not be read; the others were analysed. */
export interface UnreadableDocument {
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  readonly place?: Place;
}

export interface AnalysisReport {
  /** Sorted by level, code and resource. */
  readonly findings: readonly Finding[];
  readonly unreadable: readonly UnreadableDocument[];
  /** Suppressions that hid nothing, or whose day is over: of `suppress`, of `mesh-ignore` comments, of annotations. */
  readonly unusedSuppressions: readonly string[];
  /** Analyzers that did not run: nothing that they need was given. */
  readonly skippedAnalyzers: readonly string[];
  readonly resourceCount: number;
}

export interface AnalyzerInfo {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly codes: readonly string[];
  /** `networking.istio.io/VirtualService`, `/Pod`. */
  readonly kinds: readonly string[];
}

/**
 * Finds mistakes in Istio configuration. Resources may refer to each other across `texts`; a later definition of the same
 * object replaces an earlier one. Findings and unreadable documents are results; a mistake in `options` throws an Error
 * with one clear sentence.
 */
export function analyze(texts: readonly SourceText[], options: AnalyzeOptions = {}): AnalysisReport {
  const {
    analyzers = [],
    skipAnalyzers = [],
    namespace,
    suppress = [],
    istioNamespace = 'istio-system',
    nowMs,
  } = options;
  const rules = selectRules(analyzers, skipAnalyzers);
  const suppressions = suppress.map((text) => parseSuppression(text, text));
  const settings = {
    meshConfig: readMeshConfig(options.meshConfig),
    meshNetworks: readConfig(options.meshNetworks, 'meshNetworks'),
    istioNamespace,
    nowMs,
  };
  const files = texts.map(({ name, content }) => ({ name, text: content }));
  const { resources, problems } = loadFiles(files, {
    kinds: kindsOf(rules),
    defaultNamespace: namespace ?? '',
  });
  const analysis = analyzeResources({
    rules,
    resources,
    settings,
    namespace,
    suppressions,
    withStandIns: true,
  });
  return {
    findings: analysis.messages.map(toFinding),
    unreadable: problems.map(toUnreadable),
    unusedSuppressions: [
      ...analysis.unused.map(({ from }) => from),
      ...analysis.unusedComments.map(describeComment),
      ...analysis.over.map(({ from, until }) => `${from} until=${until}`),
      ...analysis.unusedAnnotations.map(
        ({ resource, code }) => `${originOf(resource)}: ${SUPPRESS_ANNOTATION} ${code}`,
      ),
    ],
    skippedAnalyzers: analysis.skippedRules,
    resourceCount: resources.length,
  };
}

/** All analyzers, sorted by name. */
export function listAnalyzers(): readonly AnalyzerInfo[] {
  return listRules().map(({ name, summary, codes, kinds }) => ({ name, summary, codes, kinds }));
}

function toFinding(found: Message): Finding {
  const { code, level, message, rule, documentationUrl, origin, position, path, suggestion } = found;
  return {
    code,
    level,
    message,
    analyzer: rule,
    documentationUrl,
    ...(origin !== undefined && { origin }),
    ...(position && { place: toPlace(position) }),
    ...(path && { path }),
    ...(suggestion && {
      suggestion: { text: suggestion.text, ...(suggestion.fix && { fix: suggestion.fix }) },
    }),
  };
}

function toUnreadable({ message, hint, position }: Problem): UnreadableDocument {
  return { message, ...(hint !== undefined && { hint }), ...(position && { place: toPlace(position) }) };
}

function toPlace({ file, line = 1, column = 1 }: NonNullable<Problem['position']>): Place {
  return { file, line, column };
}

function readMeshConfig(given: string | object | undefined): JsonObject {
  const problems: ProtoProblem[] = [];
  const config = mergeMeshConfig(readConfig(given, 'meshConfig'), problems);
  const [first] = problems;
  if (first) throw new MeshError('config', `meshConfig: ${first.path.join('.')}: ${first.message}`);
  return config;
}

function readConfig(given: string | object | undefined, name: string): JsonObject {
  let value: JsonValue = (given ?? {}) as JsonObject;
  if (typeof value === 'string') {
    const result = readYaml(value);
    if ('error' in result)
      throw new MeshError(
        'config',
        `${name} is not valid YAML, line ${result.error.line}: ${result.error.message}`,
      );
    value = result.value ?? {};
  }
  if (!isObject(value)) throw new MeshError('config', `${name} must be a map`);
  return value;
}
