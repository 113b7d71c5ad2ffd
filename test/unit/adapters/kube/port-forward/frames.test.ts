import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  OPCODES,
  createFrameReader,
  encodeFrame,
} from '../../../../../src/adapters/kube/port-forward/frames.ts';

/** A frame as servers send it, without a mask. */
function serverFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const first = (isFinal ? 0x80 : 0) | opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload]);
  const header = Buffer.alloc(payload.length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = header.length === 4 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(payload.length, 2);
  else header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

interface Seen {
  readonly messages: string[];
  readonly controls: string[];
}

/** Reads `bytes` in portions of these sizes, again and again. */
function read(bytes: Buffer, sizes: readonly number[]): Seen {
  const seen: Seen = { messages: [], controls: [] };
  const reader = createFrameReader({
    onPiece: (piece, isFirst) => {
      if (isFirst) seen.messages.push('');
      seen.messages.push(`${seen.messages.pop() ?? ''}${piece.toString('latin1')}`);
    },
    onControl: (opcode, payload) => seen.controls.push(`${opcode} ${payload.toString('latin1')}`),
  });
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    reader(bytes.subarray(at, at + size));
    at += size;
  }
  return seen;
}

describe('frames', () => {
  it('are read the same in any portions, with pings between fragments', () => {
    const message = fc.record({
      fragments: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 3 }),
      ping: fc.boolean(),
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), sizes, (messages, portions) => {
        const bytes = messages.flatMap(({ fragments, ping }) =>
          fragments.flatMap((fragment, index) => [
            serverFrame(
              index === 0 ? OPCODES.binary : OPCODES.continuation,
              Buffer.from(fragment),
              index === fragments.length - 1,
            ),
            ...(ping ? [serverFrame(OPCODES.ping, Buffer.from('p'))] : []),
          ]),
        );
        const seen = read(Buffer.concat(bytes), portions);
        expect(seen.messages).toEqual(
          messages.map(({ fragments }) => Buffer.concat(fragments).toString('latin1')),
        );
        expect(seen.controls).toEqual(
          messages.flatMap(({ fragments, ping }) => (ping ? fragments.map(() => '9 p') : [])),
        );
      }),
    );
  });

  it.each([125, 126, 65_535, 65_536, 200_000])('of %d bytes', (length) => {
    const payload = Buffer.alloc(length, 'x');
    expect(read(serverFrame(OPCODES.binary, payload), [1000]).messages).toEqual([payload.toString()]);
  });

  it('of a client are masked, with any length', () => {
    for (const length of [0, 1, 124, 125, 126, 65_534, 65_535, 65_536]) {
      const payload = Buffer.alloc(length, 'y');
      const frame = encodeFrame(OPCODES.binary, payload, [0]);
      expect(frame[1]! & 0x80).toBe(0x80);
      const start = frame.length - length - 1;
      const mask = frame.subarray(start - 4, start);
      const plain = frame.subarray(start).map((byte, index) => byte ^ mask[index & 3]!);
      expect(Buffer.from(plain).equals(Buffer.concat([Buffer.from([0]), payload]))).toBe(true);
    }
  });

  it.each([
    ['reserved bits', Buffer.from([0xc2, 0])],
    ['a mask', Buffer.from([0x82, 0x80, 0, 0, 0, 0])],
    ['an unknown type', Buffer.from([0x83, 0])],
    ['a long ping', Buffer.from([0x89, 126, 0, 200])],
    ['a ping in fragments', Buffer.from([0x09, 0])],
    ['a fragment of nothing', serverFrame(OPCODES.continuation, Buffer.from('x'))],
    [
      'a message within a message',
      Buffer.concat([
        serverFrame(OPCODES.binary, Buffer.from('x'), false),
        serverFrame(OPCODES.binary, Buffer.from('y')),
      ]),
    ],
    ['a length that no memory has', Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ])('with %s are refused', (_what, bytes) => {
    expect(() => read(bytes, [100])).toThrow();
  });
});
