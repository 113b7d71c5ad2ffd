import { afterEach, describe, expect, it } from '@jest/globals';
import type { Cluster, ServiceRequest } from '../../../../src/app/ports.ts';
import { connectTo, sendJson, sendStatus, startServer, thrownBy } from './api-server.ts';
import type { Handler, TestServer } from './api-server.ts';

let server: TestServer;
let cluster: Cluster;

async function start(handler: Handler): Promise<void> {
  server = await startServer(handler);
  cluster = connectTo(server.url, {});
}

afterEach(async () => {
  await cluster.close();
  await server.close();
});

const inject: ServiceRequest = {
  namespace: 'istio-system',
  service: 'istiod',
  port: 443,
  scheme: 'https',
  method: 'POST',
  path: '/inject',
  body: '{"kind":"AdmissionReview"}',
};

describe('serviceRequest', () => {
  it('goes through the proxy of the API server, with the body as it is', async () => {
    await start((_request, response) => sendJson(response, 200, { fine: true }));
    expect(await cluster.serviceRequest(inject)).toEqual({ status: 200, body: '{"fine":true}' });
    const request = server.requests.at(-1)!;
    expect(`${request.method} ${request.url}`).toBe(
      'POST /api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject',
    );
    expect(request.body).toBe(inject.body);
    expect(request.headers['content-type']).toBe('application/json');
  });

  it.each([
    ['/inject/cluster/a/net/b?x=1', '/inject/cluster/a/net/b?x=1'],
    ['inject', '/inject'],
    ['', '/'],
    ['/../../../secrets/s', '/secrets/s'],
  ])('a path %j stays below the proxy', async (path, sent) => {
    await start((_request, response) => sendJson(response, 200, {}));
    await cluster.serviceRequest({ ...inject, path });
    expect(server.requests.at(-1)!.url).toBe(
      `/api/v1/namespaces/istio-system/services/https:istiod:443/proxy${sent}`,
    );
  });

  it('a name can not leave its place in the path', async () => {
    await start((_request, response) => sendJson(response, 200, {}));
    const error = await thrownBy(cluster.serviceRequest({ ...inject, service: 'a/../b' }));
    expect(error).toMatchObject({ code: 'usage' });
    expect(server.requests).toEqual([]);
  });

  it.each([400, 404, 500])('a %d of the Service itself is an answer, asked for once', async (status) => {
    await start((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' });
      response.end('no body found');
    });
    expect(await cluster.serviceRequest(inject)).toEqual({ status, body: 'no body found' });
    expect(server.requests).toHaveLength(1);
  });

  it('says that no pod answers, and why', async () => {
    await start((_request, response) =>
      sendStatus(response, 503, {
        reason: 'ServiceUnavailable',
        message: 'no endpoints available for service "https:istiod:443"',
      }),
    );
    const error = await thrownBy(cluster.serviceRequest(inject));
    expect(error).toMatchObject({
      code: 'unreachable',
      message: 'no pod of Service istio-system/istiod answers on port 443',
      details: ['no endpoints available for service "https:istiod:443"'],
    });
  });

  it('says that no pod answers when the Service has no Endpoints at all', async () => {
    await start((_request, response) =>
      sendStatus(response, 404, {
        reason: 'NotFound',
        message: 'endpoints "istiod" not found',
        details: { name: 'istiod', kind: 'endpoints' },
      }),
    );
    expect(await thrownBy(cluster.serviceRequest(inject))).toMatchObject({ code: 'unreachable' });
  });

  it('says that there is no such Service', async () => {
    await start((_request, response) =>
      sendStatus(response, 404, { reason: 'NotFound', message: 'services "istiod" not found' }),
    );
    expect(await thrownBy(cluster.serviceRequest(inject))).toMatchObject({
      code: 'usage',
      message: 'there is no Service istio-system/istiod',
    });
  });

  it('says who is not allowed to', async () => {
    await start((_request, response) =>
      sendStatus(response, 403, {
        reason: 'Forbidden',
        message:
          'services "https:istiod:443" is forbidden: User "jane" cannot create resource "services/proxy" in API group "" in the namespace "istio-system"',
      }),
    );
    const error = await thrownBy(cluster.serviceRequest(inject));
    expect(error).toMatchObject({ code: 'auth' });
    expect((error as Error).message).toContain(
      'the user "jane" (context "none") is not allowed to create services/proxy in the namespace istio-system',
    );
  });
});
