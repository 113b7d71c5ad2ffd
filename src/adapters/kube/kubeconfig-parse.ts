/**
 * Reads the text of one kubeconfig file. Unknown fields are ignored, as kubectl does; wrong types, duplicate names and
 * data that is not base64 are collected and thrown together, each with its line and column.
 */
import { Buffer } from 'node:buffer';
import { dirname, isAbsolute, join } from 'node:path';
import { throwProblems } from '../../lib/errors.ts';
import type { Problem } from '../../lib/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { parseYamlDocuments } from '../../lib/yaml.ts';
import type { YamlDocument } from '../../lib/yaml.ts';
import type {
  ClusterEntry,
  ContextEntry,
  ExecEntry,
  Impersonation,
  Kubeconfig,
  Placed,
  UserEntry,
} from './kubeconfig-types.ts';

type Path = readonly (string | number)[];
type TypeName = 'string' | 'boolean' | 'map' | 'list';

/** A map of the file with its path, and the means to complain about it. */
interface Fields {
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  texts(key: string): readonly string[] | undefined;
  map(key: string): Fields | undefined;
  maps(key: string): readonly Fields[];
  raw(key: string): JsonValue | undefined;
  keys(): readonly string[];
  /** A file name, made absolute from the folder of the kubeconfig. */
  file(key: string): string | undefined;
  /** Base64 of PEM, decoded. */
  pem(key: string): string | undefined;
  complain(message: string, key?: string): void;
  readonly path: Path;
}

/** Throws a `config` MeshError. An empty file is an empty kubeconfig. */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const [document, second] = parseYamlDocuments(text, file);
  const problems: Problem[] = [];
  if (second)
    problems.push({
      message: 'a kubeconfig file holds one YAML document, this one holds several',
      position: second.start,
    });
  if (document && !isObject(document.value))
    problems.push({ message: 'this is not a kubeconfig: expected a map', position: document.start });
  throwProblems('config', problems, '');
  if (!document || !isObject(document.value)) return emptyKubeconfig([file]);

  const root = fieldsOf(document.value, [], { document, folder: dirname(file), problems });
  const kind = root.text('kind');
  if (kind !== undefined && kind !== 'Config')
    root.complain(`this is not a kubeconfig: its kind is ${kind}`, 'kind');
  const entries = <T>(list: string, item: string, read: (fields: Fields) => T): Map<string, Placed<T>> =>
    readEntries(root.maps(list), item, read, document);
  const config: Kubeconfig = {
    files: [file],
    missing: [],
    currentContext: root.text('current-context') || undefined,
    clusters: entries('clusters', 'cluster', readCluster),
    users: entries('users', 'user', readUser),
    contexts: entries('contexts', 'context', readContext),
  };
  throwProblems('config', problems, `the kubeconfig ${file} has ${problems.length} mistakes`);
  return config;
}

export function emptyKubeconfig(files: readonly string[]): Kubeconfig {
  return { files, missing: [], clusters: new Map(), users: new Map(), contexts: new Map() };
}

function readEntries<T>(
  items: readonly Fields[],
  item: string,
  read: (fields: Fields) => T,
  document: YamlDocument,
): Map<string, Placed<T>> {
  const entries = new Map<string, Placed<T>>();
  for (const fields of items) {
    const name = fields.text('name');
    const body = fields.map(item);
    const value = read(body ?? fieldsOf({}, fields.path, { document, folder: '', problems: [] }));
    if (!name) {
      if (!fields.raw('name')) fields.complain(`this ${item} has no name`);
    } else if (entries.has(name)) {
      fields.complain(`the ${item} ${name} is here twice`, 'name');
    } else {
      entries.set(name, { value, position: document.locate(fields.path) });
    }
  }
  return entries;
}

function readCluster(fields: Fields): ClusterEntry {
  const exec = fields
    .maps('extensions')
    .find((extension) => extension.text('name') === 'client.authentication.k8s.io/exec');
  return {
    server: fields.text('server') || undefined,
    tlsServerName: fields.text('tls-server-name') || undefined,
    insecureSkipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    certificateAuthority: fields.file('certificate-authority'),
    certificateAuthorityData: fields.pem('certificate-authority-data'),
    proxyUrl: fields.text('proxy-url') || undefined,
    disableCompression: fields.flag('disable-compression'),
    execConfig: exec?.raw('extension'),
  };
}

function readContext(fields: Fields): ContextEntry {
  return {
    cluster: fields.text('cluster') || undefined,
    user: fields.text('user') || undefined,
    namespace: fields.text('namespace') || undefined,
  };
}

function readUser(fields: Fields): UserEntry {
  const exec = fields.map('exec');
  const provider = fields.map('auth-provider');
  return {
    clientCertificate: fields.file('client-certificate'),
    clientKey: fields.file('client-key'),
    clientCertificateData: fields.pem('client-certificate-data'),
    clientKeyData: fields.pem('client-key-data'),
    token: fields.text('token') || undefined,
    tokenFile: fields.file('tokenFile'),
    username: fields.text('username') || undefined,
    password: fields.text('password') || undefined,
    impersonate: readImpersonation(fields),
    exec: exec ? readExec(exec, fields) : undefined,
    authProvider: provider ? (provider.text('name') ?? '') : undefined,
  };
}

function readImpersonation(fields: Fields): Impersonation | undefined {
  const extra = fields.map('as-user-extra');
  const impersonation: Impersonation = {
    user: fields.text('as') || undefined,
    uid: fields.text('as-uid') || undefined,
    groups: fields.texts('as-groups'),
    extra: extra ? Object.fromEntries(extra.keys().map((key) => [key, extra.texts(key) ?? []])) : undefined,
  };
  return Object.values(impersonation).some((value) => value !== undefined) ? impersonation : undefined;
}

const EXEC_API = /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/;
const MODES = ['Never', 'IfAvailable', 'Always'] as const;

function readExec(exec: Fields, user: Fields): ExecEntry {
  const apiVersion = exec.text('apiVersion') ?? '';
  if (!EXEC_API.test(apiVersion)) {
    exec.complain(
      `the exec plugin's apiVersion ${apiVersion ? `is ${apiVersion}` : 'is missing'}, it must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1`,
      'apiVersion',
    );
  }
  const command = exec.text('command') ?? '';
  if (command === '') user.complain('the exec plugin has no command', 'exec');
  const mode = exec.text('interactiveMode');
  const interactiveMode = MODES.find((known) => known === mode);
  // v1 has no default, v1beta1 has.
  if (mode !== undefined ? !interactiveMode : apiVersion.endsWith('/v1')) {
    exec.complain(
      `the exec plugin's interactiveMode ${mode ? `is ${mode}` : 'is missing'}, it must be Never, IfAvailable or Always`,
      'interactiveMode',
    );
  }
  return {
    apiVersion,
    // A bare name is looked up in PATH, everything else is a path from the kubeconfig's folder.
    command: /[/\\]/.test(command) ? (exec.file('command') ?? command) : command,
    args: exec.texts('args') ?? [],
    env: exec
      .maps('env')
      .map((entry) => ({ name: entry.text('name') ?? '', value: entry.text('value') ?? '' })),
    installHint: exec.text('installHint') || undefined,
    provideClusterInfo: exec.flag('provideClusterInfo') ?? false,
    interactiveMode: interactiveMode ?? 'IfAvailable',
  };
}

interface FileContext {
  readonly document: YamlDocument;
  readonly folder: string;
  readonly problems: Problem[];
}

function fieldsOf(map: JsonObject, path: Path, context: FileContext): Fields {
  const complain = (message: string, key?: string): void => {
    const position = context.document.locate(key === undefined ? path : [...path, key]);
    context.problems.push({ message, position });
  };
  const typed = <T extends JsonValue>(
    key: string,
    type: TypeName,
    is: (value: JsonValue) => value is T,
  ): T | undefined => {
    const value = Object.hasOwn(map, key) ? map[key] : undefined;
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    complain(`${[...path, key].join('.')} must be a ${type}`, key);
    return undefined;
  };
  const isText = (value: JsonValue): value is string => typeof value === 'string';
  const fields: Fields = {
    path,
    complain,
    keys: () => Object.keys(map),
    raw: (key) => map[key],
    text: (key) => typed(key, 'string', isText),
    flag: (key) => typed(key, 'boolean', (value) => typeof value === 'boolean'),
    texts: (key) =>
      typed(key, 'list', (value) => Array.isArray(value))?.filter((item, index) => {
        if (!isText(item)) complain(`${[...path, key, index].join('.')} must be a string`, key);
        return isText(item);
      }),
    map: (key) => {
      const value = typed(key, 'map', isObject);
      return value && fieldsOf(value, [...path, key], context);
    },
    maps: (key) =>
      (typed(key, 'list', (value) => Array.isArray(value)) ?? []).flatMap((item, index) => {
        if (isObject(item)) return [fieldsOf(item, [...path, key, index], context)];
        complain(`${[...path, key, index].join('.')} must be a map`, key);
        return [];
      }),
    file: (key) => {
      const name = fields.text(key);
      return name ? (isAbsolute(name) ? name : join(context.folder, name)) : undefined;
    },
    pem: (key) => {
      const data = fields.text(key);
      if (!data) return undefined;
      const decoded = Buffer.from(data, 'base64').toString('utf8');
      if (decoded.includes('-----BEGIN ')) return decoded;
      complain(`${[...path, key].join('.')} is not a base64 encoded PEM text`, key);
      return undefined;
    },
  };
  return fields;
}
