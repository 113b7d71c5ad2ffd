/** `mesh analyze`: files over a cluster, rules over both, and what the user does not want to hear taken away. */
import { analyzeResources } from '../domain/analysis/analyze.ts';
import type { Analysis } from '../domain/analysis/analyze.ts';
import { formatBaseline, parseBaseline, subtractBaseline } from '../domain/analysis/baseline.ts';
import { CODES } from '../domain/analysis/codes.ts';
import { loadFiles } from '../domain/analysis/load.ts';
import type { LoadedFiles } from '../domain/analysis/load.ts';
import { kindsOf, selectRules } from '../domain/analysis/registry.ts';
import { parseSuppression } from '../domain/analysis/suppress.ts';
import type { Suppression } from '../domain/analysis/suppress.ts';
import type { KindKey, Message, Resource } from '../domain/analysis/types.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import { mergeRemote, otherClusters, readCluster, remoteKinds } from './analyze-cluster.ts';
import type { ClusterContents } from './analyze-cluster.ts';
import { readAnalyzeConfig } from './analyze-config.ts';
import { readInputs } from './analyze-inputs.ts';
import type { InputFiles } from './analyze-inputs.ts';
import { readMeshSettings } from './analyze-mesh.ts';
import type { Cluster, Files } from './ports.ts';

export interface AnalyzeRequest {
  /** Files, folders, `-`. */
  readonly paths: readonly string[];
  /** Names of rules; empty: all. */
  readonly analyzers: readonly string[];
  /** Names of rules to leave out. */
  readonly skipAnalyzers?: readonly string[] | undefined;
  /** Absent: the namespace of the context. */
  readonly namespace?: string | undefined;
  readonly allNamespaces: boolean;
  readonly istioNamespace: string;
  readonly revision: string;
  readonly meshConfigFile?: string | undefined;
  /** `CODE=RESOURCE` each. */
  readonly suppress: readonly string[];
  readonly configFile?: string | undefined;
  readonly baselineFile?: string | undefined;
  readonly writeBaselineFile?: string | undefined;
  /** Only findings in files that differ from this git revision. */
  readonly changedSince?: string | undefined;
}

export interface AnalyzePorts {
  readonly files: Files;
  /** Absent: files only. */
  readonly cluster?: Cluster | undefined;
  readonly remotes: readonly Cluster[];
  /** Which of `names` differ from the git revision `ref`, or are new. */
  readonly changedFiles: (ref: string, names: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly signal?: AbortSignal | undefined;
  /** Called between long computations: lets Ctrl-C in, and throws after it. */
  readonly pause?: (() => Promise<void>) | undefined;
}

export interface AnalyzeResult
  extends Analysis, Pick<LoadedFiles, 'problems' | 'unreadableFiles' | 'replaced'> {
  /** Names of the files that were read. */
  readonly inputs: readonly string[];
  readonly skippedFiles: readonly string[];
  /** The selected namespace; absent: all. */
  readonly namespace: string | undefined;
  readonly forbidden: ClusterContents['forbidden'];
  /** Clusters of the same mesh that were not asked. */
  readonly otherClusters: readonly string[];
  /** Codes of suppressions that do not exist. */
  readonly unknownCodes: readonly string[];
  /** Findings that the baseline knows, entries of it that are gone, or entries that were written. */
  readonly baseline: { readonly known: number; readonly gone: number; readonly written: number };
  /** Findings that are not in changed files. */
  readonly unchanged: number;
  readonly resourceCount: number;
}

/** Throws MeshErrors for everything that keeps the analysis from running; findings and unreadable documents are results. */
export async function analyze(request: AnalyzeRequest, ports: AnalyzePorts): Promise<AnalyzeResult> {
  const { analyzers, skipAnalyzers = [] } = request;
  const rules = selectRules(analyzers, skipAnalyzers);
  const kinds = kindsOf(rules);
  const flagged = request.suppress.map((text) => parseSuppression(text));
  const [config, inputs, settings, contents] = await Promise.all([
    readAnalyzeConfig(request.configFile, ports.files),
    readInputs(request.paths, ports.files),
    readMeshSettings({ ...request, signal: ports.signal }, ports.files, ports.cluster),
    readClusters(request, kinds, ports),
  ]);
  const namespace = request.allNamespaces
    ? undefined
    : (request.namespace ?? ports.cluster?.defaultNamespace ?? 'default');
  await ports.pause?.();
  const refused = inputs.problems.flatMap(({ position }) => position?.file ?? []);
  const loaded = loadFiles(inputs.files, { kinds, defaultNamespace: namespace ?? '' });
  const primary = ports.remotes.length > 0 ? (ports.cluster?.context ?? '') : '';
  const resources = overlay(contents.resources, loaded.resources, primary);
  if (ports.cluster && request.namespace !== undefined && contents.knownKinds.includes('/Namespace'))
    checkNamespace(request.namespace, resources);

  const suppressions = [...flagged, ...config.suppressions];
  await ports.pause?.();
  const analysis = analyzeResources({
    rules,
    resources,
    settings,
    namespace,
    suppressions,
    knownKinds: contents.knownKinds,
    withStandIns: ports.cluster === undefined,
  });
  await ports.pause?.();
  const changed = await keepChanged(analysis.messages, inputs, request.changedSince, ports);
  const hasSome = analyzers.length > 0 || skipAnalyzers.length > 0;
  const { messages, baseline } = await applyBaseline(changed.messages, request, ports.files);
  return {
    ...analysis,
    messages,
    baseline,
    // With some rules only, whether a suppression is of use cannot be told.
    ...(hasSome && { unused: [], unusedComments: [], unusedAnnotations: [] }),
    unchanged: changed.unchanged,
    problems: [...inputs.problems, ...loaded.problems],
    unreadableFiles: [...refused, ...loaded.unreadableFiles],
    replaced: loaded.replaced,
    inputs: [...inputs.files.map(({ name }) => name), ...refused],
    skippedFiles: inputs.skipped,
    namespace,
    forbidden: contents.forbidden,
    otherClusters: ports.remotes.length > 0 ? [] : otherClusters(contents, request.istioNamespace),
    unknownCodes: unknownCodes(suppressions),
    resourceCount: resources.length,
  };
}

async function readClusters(
  request: AnalyzeRequest,
  kinds: ReadonlySet<KindKey>,
  { cluster, remotes, signal }: AnalyzePorts,
): Promise<ClusterContents> {
  if (!cluster) return { resources: [], knownKinds: [], forbidden: [] };
  const { revision, istioNamespace } = request;
  // Rules of namespaces need them to say which exist, whatever the rules read.
  const wanted = new Set([...kinds, '/Namespace']);
  const many = remotes.length > 0;
  const [primary, ...others] = await Promise.all([
    readCluster(cluster, { kinds: wanted, revision, istioNamespace, signal }, many ? cluster.context : ''),
    ...remotes.map((remote) =>
      readCluster(remote, { kinds: remoteKinds(wanted), revision, istioNamespace, signal }, remote.context),
    ),
  ]);
  return others.reduce(mergeRemote, primary);
}

/** Resources of files replace those of the cluster `primary` that are the same objects. */
function overlay(
  ofClusters: readonly Resource[],
  ofFiles: readonly Resource[],
  primary: string,
): readonly Resource[] {
  if (ofClusters.length === 0) return ofFiles;
  const identity = ({ group, kind, namespace, name }: Resource): string =>
    [group, kind, namespace, name].join('/');
  const replaced = new Set(ofFiles.map(identity));
  const kept = ofClusters.filter(
    (resource) => resource.cluster !== primary || !replaced.has(identity(resource)),
  );
  return [...kept, ...ofFiles];
}

function checkNamespace(namespace: string, resources: readonly Resource[]): void {
  const names = resources.flatMap(({ kind, group, name }) =>
    kind === 'Namespace' && group === '' ? [name] : [],
  );
  if (names.includes(namespace) || resources.some((resource) => resource.namespace === namespace)) return;
  const near = nearestName(namespace, names);
  throw new MeshError('cluster', `the namespace ${namespace} does not exist`, {
    hint: near ? `did you mean ${near}?` : 'kubectl get namespaces lists them; -A analyses all',
  });
}

function unknownCodes(suppressions: readonly Suppression[]): readonly string[] {
  const codes = suppressions
    .map(({ code }) => code)
    .filter((code) => !code.includes('*') && !CODES.has(code));
  return [...new Set(codes)];
}

async function keepChanged(
  messages: readonly Message[],
  inputs: InputFiles,
  ref: string | undefined,
  ports: AnalyzePorts,
): Promise<{ readonly messages: readonly Message[]; readonly unchanged: number }> {
  if (ref === undefined) return { messages, unchanged: 0 };
  const names = inputs.files.map(({ name }) => name).filter((name) => name !== '-');
  const changed = await ports.changedFiles(ref, names);
  const kept = messages.filter(({ position }) => position !== undefined && changed.has(position.file));
  return { messages: kept, unchanged: messages.length - kept.length };
}

async function applyBaseline(
  messages: readonly Message[],
  { baselineFile, writeBaselineFile }: AnalyzeRequest,
  files: Files,
): Promise<Pick<AnalyzeResult, 'messages' | 'baseline'>> {
  if (writeBaselineFile !== undefined) {
    await files.write(writeBaselineFile, formatBaseline(messages));
    return { messages: [], baseline: { known: 0, gone: 0, written: messages.length } };
  }
  if (baselineFile === undefined) return { messages, baseline: { known: 0, gone: 0, written: 0 } };
  const baseline = parseBaseline(await files.read(baselineFile), baselineFile);
  const { messages: kept, known, gone } = subtractBaseline(messages, baseline);
  return { messages: kept, baseline: { known, gone, written: 0 } };
}
