/** The protocol of a port. */
import { parseProtocol } from '../../semantics/protocol.ts';
import { error, textOf } from '../field.ts';
import type { Field } from '../field.ts';

const NAMES = 'HTTP, HTTP2, HTTPS, HTTP_PROXY, GRPC, GRPC-WEB, TCP, TLS, UDP, MONGO, MYSQL, REDIS';

export interface ProtocolOptions {
  /** Whether the proxy may find out by itself. */
  readonly optional?: boolean;
}

export function checkProtocol(field: Field, options: ProtocolOptions = {}): boolean {
  const text = textOf(field);
  if (text === '' && options.optional) return true;
  if (parseProtocol(text) !== 'unsupported') return true;
  error(field, text === '' ? `is needed: one of ${NAMES}` : `"${text}" must be one of ${NAMES}`);
  return false;
}
