/** Reading and writing single objects. JSON goes out as it came in: nothing is added, dropped or reordered. */
import type { ApiResource, ApplyOptions, Cluster, DeleteOptions, RequestOptions } from '../../app/ports.ts';
import { formatRef, refOf } from '../../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../../domain/manifest/types.ts';
import { MeshError } from '../../lib/errors.ts';
import { getAt } from '../../lib/json.ts';
import type { Api } from './api.ts';
import { contains } from './contains.ts';
import { NetworkError } from './network-errors.ts';
import { resourcePath } from './paths.ts';
import { leavesOpen, MOST_SILENCES } from './retry.ts';
import { parseStatus, StatusError } from './status-errors.ts';
import type { Answer } from './transport.ts';

export type ObjectVerbs = Pick<Cluster, 'get' | 'apply' | 'create' | 'replace' | 'patch' | 'remove'>;

const FIELD_MANAGER = 'mesh';
const STRICT = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
/** Discovery can lag behind a definition that has just been established: it is asked again after these pauses, in first pauses. */
const DISCOVERY_PAUSES = [0, 0.25, 0.5, 1, 2, 4];

/** Objects of namespaced kinds that name no namespace are in `defaultNamespace`, as with kubectl. */
export function createObjectVerbs(api: Api, defaultNamespace: string): ObjectVerbs {
  const pathOf = (
    resource: ApiResource,
    ref: ObjectRef,
    query?: Parameters<typeof resourcePath>[1]['query'],
  ): string =>
    resourcePath(resource, { namespace: ref.namespace ?? defaultNamespace, name: ref.name, query });

  const find = (ref: ObjectRef, options: RequestOptions): Promise<ApiResource | undefined> =>
    api.findResource(ref.apiVersion, ref.kind, options.signal);

  const need = async (
    ref: ObjectRef,
    options: RequestOptions,
    pauses: readonly number[] = [],
  ): Promise<ApiResource> => {
    let resource = await find(ref, options);
    let reading = api.discovery.reading(ref.apiVersion);
    for (const pause of pauses) {
      if (resource) return resource;
      await api.pause(pause * api.retry.firstPauseMs, options.signal);
      // Others that miss a kind at the same time share one new reading.
      api.discovery.forget(reading);
      resource = await find(ref, options);
      reading = api.discovery.reading(ref.apiVersion);
    }
    if (resource) return resource;
    throw await unknownKind(ref);
  };

  const unknownKind = async (ref: ObjectRef): Promise<MeshError> => {
    const others = (await api.discovery.all())
      .filter((resource) => resource.kind === ref.kind)
      .map((resource) => resource.apiVersion);
    return new MeshError(
      'cluster',
      `${formatRef(ref)}: the cluster does not know the kind ${ref.kind} of ${ref.apiVersion}`,
      {
        hint:
          others.length > 0
            ? `it knows ${ref.kind} of ${[...new Set(others)].join(', ')}`
            : 'install its CustomResourceDefinition first',
      },
    );
  };

  const asObject = (answer: Answer, operation: string): KubeObject =>
    api.parse(answer, operation) as KubeObject;

  const get: Cluster['get'] = async (ref, options = {}) => {
    const resource = await find(ref, options);
    if (!resource) return undefined;
    const operation = `read ${formatRef(ref)}`;
    const { answer } = await api.call(
      { method: 'GET', path: pathOf(resource, ref), signal: options.signal },
      { operation, repeat: 'always', accept: [404] },
    );
    return answer.status === 404 ? undefined : asObject(answer, operation);
  };

  const apply = async (object: KubeObject, options: ApplyOptions = {}): Promise<KubeObject> => {
    const ref = refOf(object);
    const operation = `apply ${formatRef(ref)}`;
    const resource = await need(ref, options, DISCOVERY_PAUSES);
    const query = { ...STRICT, force: options.force === true, dryRun: options.dryRun ? 'All' : undefined };
    const message = {
      method: 'PATCH',
      path: pathOf(resource, ref, query),
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify(object),
      signal: options.signal,
    } as const;
    const { answer } = await api.call(message, {
      operation,
      repeat: 'always',
      accept: [404],
      isTransient: (refused) => isRace(refused, object),
    });
    if (answer.status !== 404) return asObject(answer, operation);
    if (!hasNoHandler(answer)) throw api.refusal(answer, operation);
    api.discovery.forget();
    throw await unknownKind(ref);
  };

  /**
   * Sends what must not be done twice. After an answer that leaves open whether it was done, `whatIs` looks: the object
   * when it was, undefined when it was not, and then it is sent again.
   */
  const sendOnce = async (
    send: () => Promise<KubeObject>,
    whatIs: () => Promise<KubeObject | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<KubeObject> => {
    let silences = 0;
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        const lateEcho = tries > 1 && error instanceof StatusError && error.status === 409;
        if (!lateEcho && !isDoubtful(error)) throw error;
        if (error instanceof NetworkError && error.failure === 'deadline') silences += 1;
        if (silences >= MOST_SILENCES) throw error;
        const done = await whatIs();
        if (done) return done;
        if (lateEcho || tries > api.retry.maxRetries) throw error;
        await api.pause(api.retry.firstPauseMs * 2 ** (tries - 1), signal);
      }
    }
  };

  const create: Cluster['create'] = async (object, options = {}) => {
    const ref = refOf(object);
    const operation = `create ${formatRef(ref)}`;
    const resource = await need(ref, options, DISCOVERY_PAUSES);
    const path = resourcePath(resource, { namespace: ref.namespace ?? defaultNamespace, query: STRICT });
    const message = {
      method: 'POST',
      path,
      contentType: 'application/json',
      body: JSON.stringify(object),
      signal: options.signal,
    } as const;
    const send = async (): Promise<KubeObject> =>
      asObject((await api.call(message, { operation, repeat: 'unsent' })).answer, operation);
    const whatIs = async (): Promise<KubeObject | undefined> => {
      const live = await get(ref, options);
      if (!live || contains(live, object)) return live;
      throw new MeshError('conflict', `cannot ${operation}: it exists already, with other content`);
    };
    // What gets its name from the server cannot be looked for.
    return ref.name ? sendOnce(send, whatIs, options.signal) : send();
  };

  const replace: Cluster['replace'] = async (object, options = {}) => {
    const ref = refOf(object);
    const operation = `replace ${formatRef(ref)}`;
    const path = pathOf(await need(ref, options), ref, STRICT);
    const message = {
      method: 'PUT',
      path,
      contentType: 'application/json',
      body: JSON.stringify(object),
      signal: options.signal,
    } as const;
    const send = async (): Promise<KubeObject> =>
      asObject((await api.call(message, { operation, repeat: 'unsent' })).answer, operation);
    const whatIs = async (): Promise<KubeObject | undefined> => {
      const live = await get(ref, options);
      const isOld = live?.metadata['resourceVersion'] === object.metadata['resourceVersion'];
      if (!live || isOld) return undefined;
      if (contains(live, withoutBookkeeping(object))) return live;
      throw new MeshError('conflict', `cannot ${operation}: it was changed meanwhile`);
    };
    return sendOnce(send, whatIs, options.signal);
  };

  const patch: Cluster['patch'] = async (ref, change, options = {}) => {
    const operation = `patch ${formatRef(ref)}`;
    const path = pathOf(await need(ref, options), ref, STRICT);
    const message = {
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify(change),
      signal: options.signal,
    } as const;
    // Merging twice is merging once, unless the patch is bound to a version that the first time makes old.
    const bound = getAt(change, ['metadata', 'resourceVersion']) !== undefined;
    const { answer } = await api.call(message, { operation, repeat: bound ? 'unsent' : 'always' });
    return asObject(answer, operation);
  };

  const remove = async (ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> => {
    const resource = await find(ref, options);
    if (!resource) return false;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.dryRun ? { dryRun: ['All'] } : {}),
    };
    const message = {
      method: 'DELETE',
      path: pathOf(resource, ref),
      contentType: 'application/json',
      body: JSON.stringify(body),
      signal: options.signal,
    } as const;
    const { answer, maybeDone } = await api.call(message, {
      operation: `delete ${formatRef(ref)}`,
      repeat: 'always',
      accept: [404],
    });
    return answer.status !== 404 || maybeDone;
  };

  return { get, apply, create, replace, patch, remove };
}

/** The server may have done it, or not. */
function isDoubtful(error: unknown): boolean {
  if (error instanceof NetworkError) return leavesOpen(error);
  return error instanceof StatusError && error.status >= 500;
}

/**
 * Two appliers at once, or a definition whose handler is not there yet: sending again settles it. A conflict about
 * fields is no race, and neither is one about a version that the object itself asks for.
 */
function isRace(answer: Answer, object: KubeObject): boolean {
  if (answer.status === 404) return hasNoHandler(answer);
  const status = parseStatus(answer.text);
  if (answer.status !== 409 || !status || object.metadata['resourceVersion'] !== undefined) return false;
  const isOwned = status.causes.some(
    (cause) => cause.reason === 'FieldManagerConflict' || cause.reason === 'NamespaceTerminating',
  );
  return (
    !isOwned &&
    ['Conflict', 'AlreadyExists'].includes(status.reason) &&
    !status.message.startsWith('object is being deleted')
  );
}

/** A 404 about the path, not about an object or a namespace. */
function hasNoHandler(answer: Answer): boolean {
  const status = parseStatus(answer.text);
  return status === undefined || (status.kind === '' && status.name === '');
}

/** What the server writes itself at each update. */
const BOOKKEEPING = ['resourceVersion', 'managedFields', 'generation'];

function withoutBookkeeping(object: KubeObject): KubeObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !BOOKKEEPING.includes(key)),
  );
  return { ...object, metadata: { ...metadata, name: object.metadata.name } };
}
