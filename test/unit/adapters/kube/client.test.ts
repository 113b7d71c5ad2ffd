import { afterEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { ConnectOptions } from '../../../../src/adapters/kube/index.ts';
import type { Cluster } from '../../../../src/app/ports.ts';
import { configMap, connectTo, sendJson, sendStatus, startServer, thrownBy } from './api-server.ts';
import type { Handler, TestServer } from './api-server.ts';

let server: TestServer;
let cluster: Cluster;

async function start(
  handler: Handler,
  options: Partial<ConnectOptions> = {},
  discovery = true,
): Promise<void> {
  server = await startServer(handler, { discovery });
  cluster = connectTo(server.url, options);
}

afterEach(async () => {
  await cluster.close();
  await server.close();
});

const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'one', namespace: 'ns' };
const lastRequest = () => server.requests.at(-1)!;

describe('requests', () => {
  it('carry identity, impersonation and User-Agent, one header for each group', async () => {
    await start((_request, response) => sendJson(response, 200, configMap()), {
      token: 'secret',
      as: 'jane',
      asGroups: ['a', 'b'],
      asUid: '7',
    });
    await cluster.get(ref);
    const { headers, rawHeaders, method, url } = lastRequest();
    expect(`${method} ${url}`).toBe('GET /api/v1/namespaces/ns/configmaps/one');
    expect(headers).toMatchObject({
      authorization: 'Bearer secret',
      'user-agent': 'mesh/test',
      accept: 'application/json',
      'impersonate-user': 'jane',
      'impersonate-uid': '7',
    });
    expect(rawHeaders.filter((_text, index) => rawHeaders[index - 1] === 'impersonate-group')).toEqual([
      'a',
      'b',
    ]);
  });

  it('keep the case of names, escape them, and stay below the path of the server', async () => {
    server = await startServer(
      (request, response) => {
        if (request.path.endsWith('/apis'))
          sendJson(response, 200, {
            kind: 'APIGroupList',
            groups: [{ versions: [{ groupVersion: 'rbac.authorization.k8s.io/v1' }] }],
          });
        else if (request.path.endsWith('/api'))
          sendJson(response, 200, { kind: 'APIVersions', versions: [] });
        else if (request.path.endsWith('/v1'))
          sendJson(response, 200, {
            groupVersion: 'rbac.authorization.k8s.io/v1',
            resources: [{ name: 'clusterroles', kind: 'ClusterRole', namespaced: false, verbs: ['get'] }],
          });
        else sendJson(response, 200, { metadata: {} });
      },
      { discovery: false },
    );
    cluster = connectTo(`${server.url}/k8s/clusters/c-1/`);
    await cluster.get({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      name: 'istioReader:Foo bar?',
      namespace: 'ignored',
    });
    expect(lastRequest().url).toBe(
      '/k8s/clusters/c-1/apis/rbac.authorization.k8s.io/v1/clusterroles/istioReader:Foo%20bar%3F',
    );
    expect(cluster.server).toBe(`${server.url}/k8s/clusters/c-1`);
  });

  it('refuse names that would change the path', async () => {
    await start((_request, response) => sendJson(response, 200, {}));
    for (const name of ['..', '.', '', 'a/b', 'a%2fb'])
      expect(await thrownBy(cluster.get({ ...ref, name }))).toMatchObject({ code: 'usage' });
    expect(server.requests.filter((request) => request.url.includes('configmaps'))).toEqual([]);
  });

  it('one after the other need one connection', async () => {
    await start((_request, response) => sendJson(response, 200, { gitVersion: 'v1' }));
    for (let index = 0; index < 10; index += 1) await cluster.version();
    expect(server.connections).toBe(1);
  });

  it('share at most eight connections, and count by verb', async () => {
    await start((_request, response) => setTimeout(() => sendJson(response, 200, configMap()), 5));
    await Promise.all(Array.from({ length: 60 }, () => cluster.get(ref)));
    expect(server.connections).toBeLessThanOrEqual(8);
    for (let index = 0; index < 5; index += 1) await cluster.apply(configMap());
    expect(server.connections).toBeLessThanOrEqual(8);
    expect(cluster.requestCounts).toEqual({ GET: 61, PATCH: 5 });
  });

  it('ask for compressed answers and read them', async () => {
    await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(configMap('zipped'))));
    });
    expect((await cluster.get(ref))?.metadata.name).toBe('zipped');
    expect(lastRequest().headers['accept-encoding']).toBe('gzip');
  });

  it('hand on warnings of the server, each once', async () => {
    const warnings: string[] = [];
    await start(
      (_request, response) => {
        response.setHeader('Warning', ['299 - "v1 Old is \\"deprecated\\"", 299 - "second"']);
        sendJson(response, 200, configMap());
      },
      { onWarning: (text) => warnings.push(text) },
    );
    await cluster.get(ref);
    await cluster.get(ref);
    expect(warnings).toEqual(['v1 Old is "deprecated"', 'second']);
  });
});

describe('apply', () => {
  it('is a server-side apply of the untouched object', async () => {
    await start((_request, response) =>
      sendJson(response, 201, configMap('one', { a: '1' }, { resourceVersion: '5' })),
    );
    const object = { ...configMap(), zeta: 1, unknownField: { x: [null, 'ü'] } };
    const stored = await cluster.apply(object);
    expect(stored.metadata['resourceVersion']).toBe('5');
    const { method, path, query, headers, body } = lastRequest();
    expect(`${method} ${path}`).toBe('PATCH /api/v1/namespaces/ns/configmaps/one');
    expect(Object.fromEntries(query)).toEqual({
      fieldManager: 'mesh',
      fieldValidation: 'Strict',
      force: 'false',
    });
    expect(headers['content-type']).toBe('application/apply-patch+yaml');
    expect(body).toBe(JSON.stringify(object));
  });

  it('can be forced and tried out', async () => {
    await start((_request, response) => sendJson(response, 200, configMap()));
    await cluster.apply(configMap(), { force: true, dryRun: true });
    expect(Object.fromEntries(lastRequest().query)).toMatchObject({ force: 'true', dryRun: 'All' });
  });

  it('puts objects without a namespace into that of the context', async () => {
    await start((_request, response) => sendJson(response, 200, configMap()), { namespace: 'team' });
    await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } });
    expect(lastRequest().path).toBe('/api/v1/namespaces/team/configmaps/one');
    expect(cluster.defaultNamespace).toBe('team');
  });

  it('looks again for kinds that are not there yet, together with others, and then says what there is', async () => {
    await start((_request, response) => sendJson(response, 200, configMap()));
    const gateway = { apiVersion: 'apps/v2', kind: 'Deployment', metadata: { name: 'x', namespace: 'ns' } };
    const errors = await Promise.all([thrownBy(cluster.apply(gateway)), thrownBy(cluster.apply(gateway))]);
    expect(errors[0]).toMatchObject({
      code: 'cluster',
      message: 'Deployment ns/x: the cluster does not know the kind Deployment of apps/v2',
      hint: 'it knows Deployment of apps/v1',
    });
    expect(cluster.requestCounts).toEqual({ GET: 8 });
  });

  it('says that a kind has gone since it was last asked for', async () => {
    await start((_request, response) => response.writeHead(404).end('404 page not found\n'));
    expect(await thrownBy(cluster.apply(configMap()))).toMatchObject({
      code: 'cluster',
      message: 'ConfigMap ns/one: the cluster does not know the kind ConfigMap of v1',
    });
    expect(cluster.requestCounts).toEqual({ GET: 3, PATCH: 6 });
  });

  it('is sent again when the handler of a new kind is not there yet, or another writer was faster', async () => {
    await start((request, response) => {
      if (request.number === 1) response.writeHead(404).end('404 page not found\n');
      else if (request.number === 2)
        sendStatus(response, 409, { reason: 'AlreadyExists', message: 'configmaps "one" already exists' });
      else if (request.number === 3)
        sendStatus(response, 409, { reason: 'Conflict', message: 'the object has been modified' });
      else sendJson(response, 200, configMap());
    });
    await cluster.apply(configMap());
    expect(cluster.requestCounts['PATCH']).toBe(4);
  });
});

describe('other verbs', () => {
  it('get gives undefined for what is not there', async () => {
    await start((_request, response) => sendStatus(response, 404, { reason: 'NotFound' }));
    expect(await cluster.get(ref)).toBeUndefined();
    expect(await cluster.get({ ...ref, apiVersion: 'x/v1' })).toBeUndefined();
  });

  it('create posts to the collection and complains about what exists', async () => {
    await start((request, response) =>
      request.number < 2
        ? sendJson(response, 201, configMap())
        : sendStatus(response, 409, { reason: 'AlreadyExists', message: 'already' }),
    );
    await cluster.create(configMap());
    expect(`${lastRequest().method} ${lastRequest().url}`).toBe(
      'POST /api/v1/namespaces/ns/configmaps?fieldManager=mesh&fieldValidation=Strict',
    );
    expect(await thrownBy(cluster.create(configMap()))).toMatchObject({
      code: 'conflict',
      message: 'cannot create ConfigMap ns/one: it exists already',
    });
  });

  it('replace puts, patch merges', async () => {
    await start((_request, response) => sendJson(response, 200, configMap()));
    await cluster.replace(configMap('one', {}, { resourceVersion: '5' }));
    expect(`${lastRequest().method} ${lastRequest().path}`).toBe('PUT /api/v1/namespaces/ns/configmaps/one');
    await cluster.patch(ref, { data: { a: null } });
    expect(lastRequest()).toMatchObject({ method: 'PATCH', body: '{"data":{"a":null}}' });
    expect(lastRequest().headers['content-type']).toBe('application/merge-patch+json');
  });

  it('remove deletes this very object, and tells whether it was there', async () => {
    await start((request, response) => {
      if (request.number === 1) sendJson(response, 200, { kind: 'Status', status: 'Success' });
      else if (request.number === 2)
        sendStatus(response, 409, {
          reason: 'Conflict',
          message: 'Precondition failed: UID in precondition: u, UID in object meta: v',
        });
      else sendStatus(response, 404, { reason: 'NotFound' });
    });
    expect(await cluster.remove(ref, { uid: 'u', propagation: 'Foreground', dryRun: true })).toBe(true);
    expect(JSON.parse(lastRequest().body)).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u' },
      dryRun: ['All'],
    });
    expect(await thrownBy(cluster.remove(ref, { uid: 'u' }))).toMatchObject({
      code: 'conflict',
      message: 'cannot delete ConfigMap ns/one: there is another object of this name now',
    });
    expect(await cluster.remove(ref)).toBe(false);
    expect(JSON.parse(lastRequest().body)).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
    });
    expect(await cluster.remove({ ...ref, kind: 'Gone' })).toBe(false);
  });

  it('version, isAllowed and logs', async () => {
    await start((request, response) => {
      if (request.path === '/version') sendJson(response, 200, { gitVersion: 'v1.36.1' });
      else if (request.method === 'POST')
        sendJson(response, 201, { status: { allowed: request.body.includes('"verb":"get"') } });
      else response.end('line one\nline two\n');
    });
    expect(await cluster.version()).toBe('v1.36.1');
    expect(await cluster.isAllowed({ verb: 'get', group: '', resource: 'pods', namespace: 'ns' })).toBe(true);
    expect(
      await cluster.isAllowed({ verb: 'delete', group: 'apps', resource: 'deployments', name: 'x' }),
    ).toBe(false);
    expect(JSON.parse(lastRequest().body)).toMatchObject({
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'delete', group: 'apps', resource: 'deployments', name: 'x' } },
    });
    expect(
      await cluster.logs({ name: 'p', namespace: 'ns', container: 'c', lines: 10, previous: true }),
    ).toBe('line one\nline two\n');
    expect(lastRequest().url).toBe('/api/v1/namespaces/ns/pods/p/log?container=c&tailLines=10&previous=true');
  });
});

describe('discovery', () => {
  it('takes two requests, once, until it is forgotten', async () => {
    await start((_request, response) => sendJson(response, 200, {}));
    const [resources] = await Promise.all([cluster.resources(), cluster.resource('v1', 'Pod')]);
    expect(resources.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 ConfigMap',
      'v1 Namespace',
      'v1 Pod',
      'apps/v1 Deployment',
      'rbac.authorization.k8s.io/v1 ClusterRole',
    ]);
    expect(await cluster.resource('apps/v1', 'Deployment')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      resource: 'deployments',
      namespaced: true,
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect(await cluster.resource('apps/v1', 'Gone')).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]?.headers.accept).toContain(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    cluster.forgetResources();
    await cluster.resource('v1', 'Pod');
    await cluster.resource('apps/v1', 'Deployment');
    // Definitions add to the groups, never to the core.
    expect(server.requests.map((request) => request.url)).toEqual(['/api', '/apis', '/apis']);
  });

  it('falls back to one list for each group version, and lives with an aggregated API that is down', async () => {
    const list = (groupVersion: string, name: string, kind: string) => ({
      kind: 'APIResourceList',
      groupVersion,
      resources: [
        { name, kind, namespaced: true, verbs: ['get'] },
        { name: `${name}/status`, kind, namespaced: true, verbs: ['get'] },
      ],
    });
    await start(
      (request, response) => {
        switch (request.path) {
          case '/api': {
            sendJson(response, 200, { kind: 'APIVersions', versions: ['v1'] });
            return;
          }
          case '/api/v1': {
            sendJson(response, 200, list('v1', 'pods', 'Pod'));
            return;
          }
          case '/apis': {
            sendJson(response, 200, {
              kind: 'APIGroupList',
              groups: [
                {
                  versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
                  preferredVersion: { groupVersion: 'apps/v1' },
                },
                { versions: [{ groupVersion: 'metrics/v1' }] },
              ],
            });
            return;
          }
          case '/apis/metrics/v1': {
            sendStatus(response, 503, { reason: 'ServiceUnavailable' });
            return;
          }
          default: {
            sendJson(response, 200, list(request.path.replace('/apis/', ''), 'deployments', 'Deployment'));
            return;
          }
        }
      },
      { retry: { maxRetries: 1 } },
      false,
    );
    expect(
      (await cluster.resources()).map(({ apiVersion, resource }) => `${apiVersion} ${resource}`),
    ).toEqual(['v1 pods', 'apps/v1 deployments', 'apps/v1beta1 deployments']);
  });

  it('does not remember a failure, nor let one caller stop the others', async () => {
    let broken = true;
    await start(
      (request, response) => {
        if (broken)
          sendStatus(response, 403, {
            reason: 'Forbidden',
            message: 'forbidden: User "x" cannot get path "/api"',
          });
        else
          setTimeout(
            () =>
              sendJson(
                response,
                200,
                request.path === '/api'
                  ? { kind: 'APIVersions', versions: [] }
                  : { kind: 'APIGroupList', groups: [] },
              ),
            50,
          );
      },
      {},
      false,
    );
    expect(await thrownBy(cluster.resources())).toMatchObject({ code: 'auth' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    broken = false;
    const controller = new AbortController();
    const stopped = thrownBy(cluster.resources({ signal: controller.signal }));
    const other = cluster.resources();
    controller.abort();
    expect(await stopped).toMatchObject({ code: 'cancelled' });
    expect(await other).toEqual([]);
  });
});

describe('list', () => {
  it('follows continue, hands on selectors, and completes the items', async () => {
    await start((request, response) => {
      const page = Number(request.query.get('continue') ?? '0');
      const items = [{ metadata: { name: `pod-${page}` } }];
      sendJson(response, 200, {
        kind: 'PodList',
        metadata: { resourceVersion: '77', ...(page < 2 ? { continue: String(page + 1) } : {}) },
        items,
      });
    });
    const list = await cluster.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'ns',
      labelSelector: 'a in (b,c)',
      fieldSelector: 'status.phase=Running',
    });
    expect(list.resourceVersion).toBe('77');
    expect(list.items.map((item) => [item.apiVersion, item.kind, item.metadata.name])).toEqual(
      [0, 1, 2].map((page) => ['v1', 'Pod', `pod-${page}`]),
    );
    expect(Object.fromEntries(lastRequest().query)).toEqual({
      limit: '500',
      continue: '2',
      labelSelector: 'a in (b,c)',
      fieldSelector: 'status.phase=Running',
    });
  });

  it('begins anew when a page has expired, in the end without pages', async () => {
    await start((request, response) => {
      if (request.query.has('continue')) sendStatus(response, 410, { reason: 'Expired', message: 'too old' });
      else
        sendJson(response, 200, {
          metadata: { resourceVersion: '1', ...(request.query.has('limit') ? { continue: 'x' } : {}) },
          items: [{ metadata: { name: 'a' } }],
        });
    });
    expect((await cluster.list({ apiVersion: 'v1', kind: 'Pod' })).items).toHaveLength(1);
    expect(server.requests.filter((request) => request.path === '/api/v1/pods')).toHaveLength(7);
  });

  it('is empty for kinds that the server does not know', async () => {
    await start((_request, response) => response.writeHead(404).end('404 page not found'));
    expect(await cluster.list({ apiVersion: 'x/v1', kind: 'Gone' })).toEqual({
      items: [],
      resourceVersion: '',
    });
    expect(await cluster.list({ apiVersion: 'v1', kind: 'Pod' })).toEqual({ items: [], resourceVersion: '' });
  });
});
