/**
 * A fake istiod for e2e tests: its injection webhook on a real TLS port of this machine, with a Service whose endpoint it is.
 * The API server reaches it through that Service, and by its URL.
 */
import { Buffer } from 'node:buffer';
import { createServer } from 'node:https';
import { networkInterfaces } from 'node:os';
import { makeCertificate } from '../unit/adapters/kube/api-server.ts';
import { kubeRequest } from './controlplane.ts';
import { answerReview } from './fake-injector.ts';
import { listen, stopServer } from './servers.ts';

export interface InjectorServer {
  /** For webhooks of the API server. */
  readonly url: string;
  readonly caBundle: string;
  /** Reviews so far. */
  readonly asked: number;
  /** Replaces what it answers; absent: it injects. */
  respond: ((body: string) => { readonly status: number; readonly body: string }) | undefined;
  /** A Service `name` whose only endpoint this server is. */
  serve(namespace: string, name: string): Promise<void>;
  close(): Promise<void>;
}

/** The API server's proxy refuses loopback addresses. undefined: this machine has no other. */
export function hostAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal && !one.address.startsWith('169.254.'))?.address;
}

/** `folder` gets what is needed to make its certificate. */
export async function startInjectorServer(folder: string, revision = 'default'): Promise<InjectorServer> {
  const address = hostAddress() ?? '127.0.0.1';
  const { key, cert } = makeCertificate(folder, 'istiod', 'IP:127.0.0.1');
  let asked = 0;
  const state: Pick<InjectorServer, 'respond'> = { respond: undefined };
  const server = createServer({ key, cert }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      asked += 1;
      const answer = state.respond?.(body) ?? { status: 200, body: answerReview(body, revision) };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  const port = await listen(server, '0.0.0.0');
  return Object.defineProperties(state, {
    asked: { get: () => asked },
    url: { value: `https://127.0.0.1:${port}/inject` },
    caBundle: { value: Buffer.from(cert).toString('base64') },
    serve: { value: (namespace: string, name: string) => serve(namespace, name, address, port) },
    close: { value: () => stopServer(server) },
  }) as InjectorServer;
}

/**
 * The API server's proxy dials only pods: one that no node runs gets the address of this machine. Controllers do not take such a
 * pod for an endpoint, so that is written here.
 */
async function serve(namespace: string, name: string, address: string, port: number): Promise<void> {
  const labels = { app: 'istiod', 'istiod-of': name };
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await kubeRequest(pods, {
    body: {
      metadata: { name, labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'discovery', image: 'istio/pilot:1.31.4' }] },
    },
  });
  const conditions = [{ type: 'Ready', status: 'True' }];
  await kubeRequest(`${pods}/${name}/status`, {
    method: 'PATCH',
    body: { status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }], conditions } },
  });
  const port443 = { name: 'https-webhook', port: 443, targetPort: port, protocol: 'TCP' };
  await kubeRequest(`/api/v1/namespaces/${namespace}/services`, {
    body: { metadata: { name, labels }, spec: { ports: [port443] } },
  });
  const targetRef = { kind: 'Pod', name, namespace };
  await kubeRequest(`/api/v1/namespaces/${namespace}/endpoints`, {
    body: {
      metadata: { name },
      subsets: [
        {
          addresses: [{ ip: address, targetRef }],
          ports: [{ name: 'https-webhook', port, protocol: 'TCP' }],
        },
      ],
    },
  });
}
