/**
 * Frames of the WebSocket protocol (RFC 6455), as the client of a connection that is already upgraded. Payloads are handed
 * on piece by piece as they come, so no message has to fit into memory.
 *
 * Not the `ws` library: its client opens connections by itself, past the proxies, identities and TLS settings of the
 * dispatcher, and its frame parser is no public interface. The tests talk to a server of `ws`.
 */
import { randomFillSync } from 'node:crypto';

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const LONGEST_CONTROL = 125;
const FINAL = 0x80;
const MASKED = 0x80;

export class FrameError extends Error {}

/** One whole message; what a client sends is masked (section 5.3). */
export function encodeFrame(opcode: number, payload: Buffer, prefix: readonly number[] = []): Buffer {
  const length = prefix.length + payload.length;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + 4;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomFillSync(frame, start - 4, 4).subarray(start - 4, start);
  frame.set(prefix, start);
  payload.copy(frame, start + prefix.length);
  for (let index = 0; index < length; index += 1)
    frame[start + index] = (frame[start + index] ?? 0) ^ (mask[index & 3] ?? 0);
  return frame;
}

export interface FrameListener {
  /** A piece of a message; `isFirst` and `isLast` within its message. Pieces may be empty. */
  readonly onPiece: (piece: Buffer, isFirst: boolean, isLast: boolean) => void;
  readonly onControl: (opcode: number, payload: Buffer) => void;
}

interface Header {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly length: number;
  readonly size: number;
}

/** A function that takes what comes from the server, in any portions. It throws FrameError for what no server may send. */
export function createFrameReader({ onPiece, onControl }: FrameListener): (chunk: Buffer) => void {
  /** Beginning of a frame whose header, or whose control payload, is not complete yet. */
  let held: Buffer = Buffer.alloc(0);
  /** Payload bytes of the current data frame that are still to come. */
  let missing = 0;
  let isFinal = true;
  /** A message has begun and is not finished. */
  let inMessage = false;
  let isFirst = true;

  const takePayload = (data: Buffer): Buffer => {
    const piece = data.subarray(0, missing);
    missing -= piece.length;
    const isLast = missing === 0 && isFinal;
    const first = isFirst;
    isFirst = false;
    if (isLast) inMessage = false;
    onPiece(piece, first, isLast);
    return data.subarray(piece.length);
  };

  const beginMessage = ({ opcode }: Header): void => {
    const continues = opcode === OPCODES.continuation;
    if (continues !== inMessage) throw new FrameError('a fragment came out of order');
    isFirst = !continues;
    inMessage = true;
  };

  return (chunk) => {
    let data = chunk;
    while (data.length > 0) {
      if (missing > 0) {
        data = takePayload(data);
        continue;
      }
      if (held.length > 0) data = Buffer.concat([held, data]);
      held = Buffer.alloc(0);
      const header = readHeader(data);
      const isControl = header !== undefined && header.opcode >= OPCODES.close;
      if (!header || (isControl && data.length < header.size + header.length)) {
        held = data;
        return;
      }
      data = data.subarray(header.size);
      if (isControl) {
        onControl(header.opcode, data.subarray(0, header.length));
        data = data.subarray(header.length);
        continue;
      }
      beginMessage(header);
      missing = header.length;
      isFinal = header.isFinal;
      if (missing === 0) data = takePayload(data);
    }
  };
}

/** undefined: more bytes are needed. */
function readHeader(data: Buffer): Header | undefined {
  const [first, second] = data;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  const isFinal = (first & FINAL) !== 0;
  if ((first & 0x70) !== 0) throw new FrameError('it uses an extension that was not agreed on');
  if ((second & MASKED) !== 0) throw new FrameError('it masks its frames');
  if (!Object.values(OPCODES).some((known) => known === opcode))
    throw new FrameError(`its frame has the unknown type ${opcode}`);
  const short = second & 0x7f;
  if (opcode >= OPCODES.close && (!isFinal || short > LONGEST_CONTROL))
    throw new FrameError('its control frame is too long');
  const size = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < size) return undefined;
  const length = size === 2 ? short : size === 4 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (!Number.isSafeInteger(length)) throw new FrameError('its frame is too long');
  return { opcode, isFinal, length, size };
}
