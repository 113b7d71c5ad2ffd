/**
 * `mesh kube-inject`: sidecars in manifests, put there by the running istiod. It is asked about each pod template as the API
 * server would ask, so that the result is what the cluster would do; mesh evaluates no template itself.
 */
import { splitDocuments } from '../domain/analysis/documents.ts';
import type { DocumentRange } from '../domain/analysis/documents.ts';
import { chooseInjector } from '../domain/injection/injectors.ts';
import type { Injector, InjectorTarget } from '../domain/injection/injectors.ts';
import { applyJsonPatch } from '../domain/injection/json-patch.ts';
import { findPodTemplates, templateOfPod } from '../domain/injection/pod-templates.ts';
import type { PodTemplate } from '../domain/injection/pod-templates.ts';
import { makeReview, readReview } from '../domain/injection/review.ts';
import { rewriteJson, rewriteYaml } from '../domain/injection/rewrite.ts';
import type { Replacement } from '../domain/injection/rewrite.ts';
import { applySplices } from '../domain/injection/text-edits.ts';
import type { Splice } from '../domain/injection/text-edits.ts';
import { MeshError, messageOf, throwProblems } from '../lib/errors.ts';
import type { Problem } from '../lib/errors.ts';
import { isEqual, isObject, objectAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { readYaml } from '../lib/yaml-fast.ts';
import { listInjectors } from './injectors.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster, Files } from './ports.ts';

export interface InjectInput {
  /** Files, folders, `-`. */
  readonly paths: readonly string[];
  /** Revision or tag; absent: the default one. */
  readonly revision?: string | undefined;
  /** Only control planes of this namespace; absent: any. */
  readonly istioNamespace?: string | undefined;
  /** For objects that name none; absent: that of the context. */
  readonly namespace?: string | undefined;
  readonly signal: AbortSignal;
}

export interface InjectResult {
  /** All documents, in their order. */
  readonly text: string;
  /** Absent when there was nothing to ask about. */
  readonly injector?: Injector | undefined;
  /** `Deployment shop/web`. */
  readonly injected: readonly string[];
  /** Objects with pods that istiod leaves as they are. */
  readonly untouched: readonly string[];
  readonly warnings: readonly string[];
}

interface Document {
  readonly file: string;
  readonly range: DocumentRange;
  readonly text: string;
  readonly templates: readonly PodTemplate[];
}

interface File {
  readonly name: string;
  readonly text: string;
  readonly documents: readonly Document[];
}

/** How many reviews istiod has before it at once. */
const AT_ONCE = 8;

/**
 * Throws `config` MeshErrors for what can not be read, and `cluster` or `unreachable` ones when istiod refuses or does not
 * answer: then nothing is given back.
 */
export async function kubeInject(
  input: InjectInput,
  ports: { readonly files: Files; readonly cluster: Cluster },
): Promise<InjectResult> {
  const namespace = input.namespace ?? ports.cluster.defaultNamespace;
  const files = await readFiles(input.paths, namespace, ports.files);
  const templates = files.flatMap(({ documents }) => documents.flatMap((document) => document.templates));
  const [first] = templates;
  if (!first)
    return { text: joinTexts(files.map(({ text }) => text)), injected: [], untouched: [], warnings: [] };
  const injectors = (await listInjectors(ports.cluster, input.signal)).filter((one) =>
    isIn(input.istioNamespace, one),
  );
  const injector = chooseInjector(injectors, input.revision);
  const target = serviceOf(injector);
  const answers = await mapParallel(templates, AT_ONCE, (template, index) =>
    ask(template, `mesh-${index + 1}`, target, ports.cluster, input.signal),
  );
  const problems = answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : []));
  throwProblems(
    'cluster',
    problems,
    `istiod refuses to inject ${problems.length} of ${templates.length} objects.`,
  );
  const results = new Map(templates.map((template, index) => [template, answers[index]]));
  const isInjected = (template: PodTemplate): boolean => {
    const answer = results.get(template);
    return answer !== undefined && 'template' in answer;
  };
  const texts = files.map((file) => rewriteFile(file, (template) => results.get(template)));
  return {
    text: joinTexts(texts),
    injector,
    injected: templates.filter(isInjected).map(({ name }) => name),
    untouched: templates.filter((template) => !isInjected(template)).map(({ name }) => name),
    warnings: answers.flatMap((answer, index) =>
      'warnings' in answer ? answer.warnings.map((text) => `${templates[index]?.name ?? ''}: ${text}`) : [],
    ),
  };
}

function isIn(istioNamespace: string | undefined, { webhooks }: Injector): boolean {
  const target = webhooks[0]?.target;
  return istioNamespace === undefined || (target?.type === 'service' && target.namespace === istioNamespace);
}

async function readFiles(paths: readonly string[], namespace: string, files: Files): Promise<File[]> {
  const names: string[] = [];
  for (const path of paths) names.push(...(path === '-' ? ['-'] : await files.listManifests(path)));
  const problems: Problem[] = [];
  const read: File[] = [];
  for (const name of names) {
    const text = await files.read(name);
    const shown = name === '-' ? '<stdin>' : name;
    read.push({ name: shown, text, documents: readDocuments(shown, text, namespace, problems) });
  }
  throwProblems('config', problems, `${problems.length} documents can not be read.`);
  return read;
}

function readDocuments(file: string, text: string, namespace: string, problems: Problem[]): Document[] {
  return splitDocuments(text).map((range) => {
    const part = text.slice(range.start, range.end);
    const read = readYaml(part);
    if ('value' in read)
      return { file, range, text: part, templates: findPodTemplates(read.value, namespace) };
    const line = text.slice(0, range.start).split('\n').length + read.error.line - 1;
    problems.push({
      message: `not valid YAML: ${read.error.message}`,
      position: { file, line, column: read.error.column },
    });
    return { file, range, text: part, templates: [] };
  });
}

type ServiceTarget = Extract<InjectorTarget, { type: 'service' }>;

function serviceOf(injector: Injector): ServiceTarget {
  const target = injector.webhooks[0]?.target;
  if (target?.type === 'service' && target.name !== '') return target;
  throw new MeshError(
    'usage',
    `the injector ${injector.name} is outside of this cluster (${target?.type === 'url' ? target.url : 'no Service'}), and mesh asks only through the API server`,
    { hint: 'run mesh kube-inject with the context of the cluster in which that istiod runs' },
  );
}

type Answer =
  /** The template as istiod wants it. */
  | { readonly template: JsonValue; readonly warnings: readonly string[] }
  | { readonly warnings: readonly string[] }
  | { readonly problem: Problem };

async function ask(
  template: PodTemplate,
  uid: string,
  target: ServiceTarget,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Answer> {
  const review = makeReview(template.pod, template.namespace, uid);
  const { namespace, name: service, port, path } = target;
  const { status, body } = await cluster.serviceRequest(
    { namespace, service, port, path, scheme: 'https', method: 'POST', body: JSON.stringify(review) },
    { signal },
  );
  const answer = readReview(body, uid);
  if (answer.type === 'unreadable' || (status !== 200 && answer.type === 'allowed')) {
    const reason = answer.type === 'unreadable' ? answer.reason : 'an AdmissionReview';
    throw new MeshError(
      'cluster',
      `the injector behind Service ${namespace}/${service} answers ${path} with ${status} and no AdmissionReview: ${reason}`,
      { hint: 'is injection switched on in this istiod (environment INJECT_ENABLED)?' },
    );
  }
  if (answer.type === 'refused')
    return { problem: { message: `istiod does not inject ${template.name}: ${answer.message}` } };
  const { patch, warnings } = answer;
  if (patch === undefined) return { warnings };
  try {
    const pod = applyJsonPatch(template.pod, patch);
    if (!isObject(pod)) return { problem: { message: `istiod makes no pod of ${template.name}` } };
    return { template: templateOfPod(template, pod), warnings };
  } catch (error) {
    return { problem: { message: `${template.name}: ${messageOf(error)}` } };
  }
}

/** Documents without change keep every byte. */
function rewriteFile(file: File, answerOf: (template: PodTemplate) => Answer | undefined): string {
  const splices = file.documents.flatMap(({ range, text, templates }): Splice[] => {
    const changes = templates.flatMap((template) => {
      const answer = answerOf(template);
      return answer && 'template' in answer ? replacementsOf(template, answer.template) : [];
    });
    if (changes.length === 0) return [];
    return [{ ...range, text: rewriteJson(text, changes) ?? rewriteYaml(text, changes) }];
  });
  return applySplices(file.text, splices);
}

function replacementsOf(found: PodTemplate, template: JsonValue): Replacement[] {
  const path = [...found.base, ...found.path];
  if (!isObject(found.template['metadata'])) return [{ path, value: template }];
  return ['metadata', 'spec'].flatMap((key) => {
    const value = objectAt(template, [key]);
    return isEqual(value, found.template[key]) ? [] : [{ path: [...path, key], value }];
  });
}

/** One YAML stream. */
function joinTexts(texts: readonly string[]): string {
  return texts.reduce((stream, text) => {
    if (stream === '') return text;
    const newline = stream.endsWith('\n') ? '' : '\n';
    return `${stream}${newline}${text.startsWith('---') ? '' : '---\n'}${text}`;
  }, '');
}
