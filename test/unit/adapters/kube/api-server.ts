/** A scripted API server on a local port: every failure that a network can make, at will. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../../src/adapters/kube/index.ts';
import type { ConnectOptions } from '../../../../src/adapters/kube/index.ts';
import type { Cluster } from '../../../../src/app/ports.ts';

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Number of this request among all but discovery, from 1. */
  readonly number: number;
}

export type Handler = (request: Received, response: ServerResponse) => unknown;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly requests: Received[];
  /** TCP connections so far. */
  readonly connections: number;
  /** Ends all connections, refuses new ones. */
  close(): Promise<void>;
}

/** `handler` gets everything but discovery, unless `discovery` is false. */
export async function startServer(
  handler: Handler,
  options: { tls?: ServerOptions; discovery?: boolean; port?: number } = {},
): Promise<TestServer> {
  const requests: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const url = new URL(message.url ?? '', 'http://server');
      const received: Received = {
        method: message.method ?? '',
        url: message.url ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: message.headers,
        rawHeaders: message.rawHeaders,
        body: Buffer.concat(chunks).toString(),
        number: requests.filter((request) => !isDiscovery(request)).length + 1,
      };
      requests.push(received);
      if (options.discovery !== false && answerDiscovery(received, response)) return;
      void handler(received, response);
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const resource = (
  name: string,
  kind: string,
  scope: 'Namespaced' | 'Cluster',
  group = '',
  version = 'v1',
): object => ({
  resource: name,
  responseKind: { group, version, kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});

const core = {
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          resources: [
            resource('configmaps', 'ConfigMap', 'Namespaced'),
            resource('namespaces', 'Namespace', 'Cluster'),
            resource('pods', 'Pod', 'Namespaced'),
          ],
        },
      ],
    },
  ],
};

const groups = {
  ...core,
  items: [
    {
      metadata: { name: 'apps' },
      versions: [{ version: 'v1', resources: [resource('deployments', 'Deployment', 'Namespaced', 'apps')] }],
    },
    {
      metadata: { name: 'rbac.authorization.k8s.io' },
      versions: [
        {
          version: 'v1',
          resources: [resource('clusterroles', 'ClusterRole', 'Cluster', 'rbac.authorization.k8s.io')],
        },
      ],
    },
  ],
};

function isDiscovery({ url }: Received): boolean {
  return url === '/api' || url === '/apis';
}

function answerDiscovery(received: Received, response: ServerResponse): boolean {
  if (!isDiscovery(received)) return false;
  sendJson(response, 200, received.url === '/api' ? core : groups, {
    'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  });
  return true;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export interface StatusParts {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly headers?: Record<string, string>;
}

/** Answers with a `Status` object. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  { headers, ...parts }: StatusParts = {},
): void {
  sendJson(
    response,
    code,
    { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, ...parts },
    headers,
  );
}

export function configMap(
  name = 'one',
  data: Record<string, string> = { a: '1' },
  metadata: Record<string, string> = {},
) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns', ...metadata }, data };
}

/** A folder that is removed after the tests with `remove`. */
export function temporaryFolder(): {
  path: string;
  write: (name: string, text: string, mode?: number) => string;
  remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'mesh-kube-'));
  return {
    path,
    write: (name, text, mode = 0o600) => {
      writeFileSync(join(path, name), text, { mode });
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A self-signed certificate for `names` (`IP:127.0.0.1`, `DNS:localhost`), valid now or only in January 2020. */
export function makeCertificate(
  folder: string,
  name: string,
  names: string,
  validity: 'valid' | 'expired' = 'valid',
): { key: string; cert: string } {
  const [key, cert, request, config] = ['key', 'crt', 'csr', 'cnf'].map((extension) =>
    join(folder, `${name}.${extension}`),
  ) as [string, string, string, string];
  const lines = [
    '[ca]',
    'default_ca = c',
    '[c]',
    `database = ${folder}/${name}.index`,
    `new_certs_dir = ${folder}`,
    'rand_serial = yes',
    'default_md = sha256',
  ];
  writeFileSync(
    config,
    [
      ...lines,
      'policy = p',
      'x509_extensions = x',
      '[p]',
      'commonName = supplied',
      '[x]',
      `subjectAltName = ${names}`,
      '',
    ].join('\n'),
  );
  writeFileSync(`${folder}/${name}.index`, '');
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    key,
    '-out',
    request,
    '-subj',
    `/CN=${name}`,
  );
  // Only `ca` of older OpenSSL versions can date a certificate back.
  const dates =
    validity === 'valid' ? ['-days', '2'] : ['-startdate', '20200101000000Z', '-enddate', '20200131000000Z'];
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-selfsign',
    '-config',
    config,
    '-keyfile',
    key,
    '-in',
    request,
    '-out',
    cert,
    ...dates,
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

function openssl(...args: string[]): void {
  const program = 'openssl';
  const run = spawnSync(program, args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`openssl ${args[0] ?? ''}: ${run.stderr}`);
}

/** A client of `url` whose pauses are short; nothing of this machine's environment or kubeconfig gets in. */
export function connectTo(url: string, options: Partial<ConnectOptions> = {}): Cluster {
  return connect({
    server: url,
    env: { KUBECONFIG: '/nonexistent' },
    requestTimeoutMs: 5000,
    userAgent: 'mesh/test',
    isInteractive: false,
    ...options,
    retry: { firstPauseMs: 5, random: () => 0, ...options.retry },
  });
}

/** What `work` throws. */
export async function thrownBy(work: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
