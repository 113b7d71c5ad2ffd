/**
 * One connection to a port of a pod as a stream of bytes, over an upgraded connection to the API server that speaks
 * Kubernetes' `v4.channel.k8s.io`: each message begins with the number of its channel, 0 for data and 1 for the words of
 * the kubelet about what went wrong, and each channel begins with two bytes of port number.
 *
 * The protocol has no half-close: what the writing side ends, the pod does not hear of. The reading side ends with the
 * WebSocket, which the kubelet closes when the pod has closed its end.
 */
import { Duplex } from 'node:stream';
import { MeshError, messageOf } from '../../../lib/errors.ts';
import { OPCODES, createFrameReader, encodeFrame } from './frames.ts';

export const PROTOCOL = 'v4.channel.k8s.io';

const DATA = 0;
const ERROR = 1;
const PORT_BYTES = 2;
/** Larger writes are cut: the kubelet holds a whole message in memory. */
const LONGEST_MESSAGE = 64 * 1024;
/** Load balancers drop idle connections after 60 s and more. */
const PING_MS = 20_000;
/** Unanswered pings after which an idle connection is dead. */
const MISSED_PINGS = 3;
/**
 * The kubelet answers no ping while it waits for a pod that does not read, so with data under way a connection gets this
 * many.
 */
const MISSED_PINGS_WRITING = 15;
/** For the last frame to leave before the connection is cut. */
const CLOSING_MS = 1000;

/** The kubelet's words about a port that it cannot reach, or that broke. */
export class PodSideError extends MeshError {}

/** The way between here and the kubelet broke. */
export class TunnelCutError extends MeshError {}

export interface TunnelOptions {
  /** `Pod istio-system/kiali-abc, port 20001`, for errors. */
  readonly label: string;
  readonly pingMs?: number | undefined;
}

/**
 * Takes over `socket`. The stream is destroyed with a PodSideError or a TunnelCutError when something breaks; what came
 * before is delivered first.
 */
export function createTunnel(socket: Duplex, options: TunnelOptions): Duplex {
  const portBytes = [PORT_BYTES, PORT_BYTES];
  const said: Buffer[] = [];
  /** Data that the reader has not asked for yet; then comes the end, or the failure. */
  const incoming: Buffer[] = [];
  let isWanted = false;
  let end: 'end' | MeshError | undefined;
  let channel = -1;
  let missedPings = 0;
  let wroteSinceHeard = false;

  const tunnel = new Duplex({
    // The reading end is the end of the connection.
    allowHalfOpen: false,
    // What a stream has buffered when it fails is lost; so it takes one piece at a time from `incoming`.
    readableHighWaterMark: 0,
    read: () => {
      isWanted = true;
      deliver();
    },
    write: (chunk: Buffer, _encoding, done) => {
      wroteSinceHeard = true;
      writeMessages(chunk, done);
    },
    destroy: (error, done) => {
      clearInterval(pinging);
      closeSocket(socket);
      done(error);
    },
  });

  const deliver = (): void => {
    if (!isWanted) return;
    const data = incoming.shift();
    if (data) {
      isWanted = false;
      tunnel.push(data);
    } else if (end === 'end') tunnel.push(null);
    else if (end) tunnel.destroy(end);
    else socket.resume();
  };

  const writeMessages = (chunk: Buffer, done: (error?: Error | null) => void): void => {
    const part = chunk.subarray(0, LONGEST_MESSAGE);
    const rest = chunk.subarray(LONGEST_MESSAGE);
    socket.write(encodeFrame(OPCODES.binary, part, [DATA]), (error) => {
      // The socket's own error event says what happened.
      if (error || rest.length === 0) done();
      else writeMessages(rest, done);
    });
  };

  const finish = (error?: MeshError): void => {
    end ??= error ?? (said.length > 0 ? podSideError(said, options.label) : 'end');
    // A failure shows at once, also when nobody reads, unless something is still to be read.
    if (end !== 'end' && incoming.length + tunnel.readableLength === 0) tunnel.destroy(end);
    else deliver();
  };

  const onPiece = (piece: Buffer, isFirst: boolean, isLast: boolean): void => {
    let data = piece;
    if (isFirst) channel = -1;
    if (channel === -1 && data.length > 0) {
      channel = data[0] ?? -1;
      data = data.subarray(1);
    }
    if (end) return;
    const ports = portBytes[channel] ?? 0;
    portBytes[channel] = ports - Math.min(ports, data.length);
    data = data.subarray(ports);
    if (data.length > 0 && channel === DATA) {
      incoming.push(data);
      deliver();
      if (incoming.length > 0) socket.pause();
    }
    if (data.length > 0 && channel === ERROR) said.push(data);
    if (isLast && channel === ERROR && said.length > 0) finish();
  };

  const onControl = (opcode: number, payload: Buffer): void => {
    if (opcode === OPCODES.ping && !socket.writableEnded)
      socket.write(encodeFrame(OPCODES.pong, payload), () => undefined);
    if (opcode === OPCODES.close) finish();
  };

  const readFrames = createFrameReader({ onPiece, onControl });
  const cut = (reason: string): void =>
    finish(new TunnelCutError('unreachable', `the connection to ${options.label} was cut: ${reason}`));

  socket.on('data', (chunk: Buffer) => {
    missedPings = 0;
    wroteSinceHeard = false;
    try {
      readFrames(chunk);
    } catch (error) {
      cut(`what came is no WebSocket: ${messageOf(error)}`);
    }
  });
  socket.on('error', (error) => cut(messageOf(error)));
  socket.on('end', () => cut('the other side closed it without a word'));
  socket.on('close', () => cut('it was closed'));

  const pinging = setInterval(() => {
    // While the reader is slow nothing is read, answers to pings neither.
    if (socket.isPaused()) return;
    if (missedPings >= (wroteSinceHeard ? MISSED_PINGS_WRITING : MISSED_PINGS)) {
      cut('no sign of life');
      return;
    }
    missedPings += 1;
    if (!socket.writableEnded) socket.write(encodeFrame(OPCODES.ping, Buffer.alloc(0)), () => undefined);
  }, options.pingMs ?? PING_MS);
  pinging.unref();
  // Users have listeners of their own; before they do, nothing may end the process.
  tunnel.on('error', () => undefined);
  return tunnel;
}

/** `an error occurred forwarding 8080 -> 15000: ...` repeats what the label says. */
function podSideError(said: readonly Buffer[], label: string): PodSideError {
  const text = Buffer.concat(said)
    .toString('utf8')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^an error occurred forwarding \d+ -> \d+: /, '');
  return new PodSideError('unreachable', `${label} does not answer: ${text}`);
}

function closeSocket(socket: Duplex): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), CLOSING_MS);
  socket.once('close', () => clearTimeout(timer));
  const code = Buffer.from([0x03, 0xe8]); // 1000: all is well
  socket.end(encodeFrame(OPCODES.close, code), () => socket.destroy());
}
