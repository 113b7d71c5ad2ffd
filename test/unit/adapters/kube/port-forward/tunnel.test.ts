import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { OPCODES } from '../../../../../src/adapters/kube/port-forward/frames.ts';
import {
  PodSideError,
  TunnelCutError,
  createTunnel,
} from '../../../../../src/adapters/kube/port-forward/tunnel.ts';

const frame = (opcode: number, ...payload: number[]): Buffer =>
  Buffer.from([0x80 | opcode, payload.length, ...payload]);
const message = (channel: number, text: string): Buffer =>
  frame(OPCODES.binary, channel, ...Buffer.from(text));
const ports = Buffer.concat([frame(OPCODES.binary, 0, 80, 0), frame(OPCODES.binary, 1, 80, 0)]);
const close = frame(OPCODES.close, 3, 232);

function make(pingMs?: number): { tunnel: Duplex; server: Duplex } {
  const [socket, server] = duplexPair();
  server.write(ports);
  return { tunnel: createTunnel(socket, { label: 'port 80 of Pod ns/web', pingMs }), server };
}

/** What the reader gets, and how it ends. */
async function read(tunnel: Duplex): Promise<{ text: string; end: unknown }> {
  let text = '';
  try {
    for await (const chunk of tunnel) text += String(chunk);
    return { text, end: 'end' };
  } catch (error) {
    return { text, end: error };
  }
}

describe('a tunnel', () => {
  it('delivers data without the port numbers, and ends with the close frame', async () => {
    const { tunnel, server } = make();
    server.write(Buffer.concat([message(0, 'hello '), message(0, ''), message(0, 'world'), close]));
    expect(await read(tunnel)).toEqual({ text: 'hello world', end: 'end' });
  });

  it('takes port numbers that come in pieces, one byte a message', async () => {
    const [socket, server] = duplexPair();
    const tunnel = createTunnel(socket, { label: 'x' });
    server.write(Buffer.concat([frame(OPCODES.binary, 0, 80), frame(OPCODES.binary, 0, 0, 97), close]));
    expect((await read(tunnel)).text).toBe('a');
  });

  it('delivers what came before an error, then the error', async () => {
    const { tunnel, server } = make();
    server.write(
      Buffer.concat([message(0, 'half'), message(1, 'an error occurred forwarding 80 -> 80: boom'), close]),
    );
    const { text, end } = await read(tunnel);
    expect(text).toBe('half');
    expect(end).toBeInstanceOf(PodSideError);
    expect((end as Error).message).toBe('port 80 of Pod ns/web does not answer: boom');
  });

  it('is cut when the other side goes without a word, or speaks something else', async () => {
    const gone = make();
    gone.server.end();
    expect((await read(gone.tunnel)).end).toBeInstanceOf(TunnelCutError);
    const odd = make();
    odd.server.write(Buffer.from('HTTP/1.1 500 What\r\n'));
    const { end } = await read(odd.tunnel);
    expect((end as Error).message).toMatch(/was cut: what came is no WebSocket/);
  });

  it('answers pings', async () => {
    const { server } = make();
    server.write(frame(OPCODES.ping, 1, 2));
    const [pong] = (await once(server, 'data')) as [Buffer];
    expect(pong[0]).toBe(0x80 | OPCODES.pong);
    expect(pong[1]! & 0x7f).toBe(2);
  });

  it('asks whether the other side lives, and is cut when it says nothing', async () => {
    const { tunnel, server } = make(5);
    let pings = 0;
    server.on('data', (data: Buffer) => {
      if ((data[0]! & 0x0f) === OPCODES.ping) pings += 1;
    });
    const { end } = await read(tunnel);
    expect((end as Error).message).toBe('the connection to port 80 of Pod ns/web was cut: no sign of life');
    expect(pings).toBe(3);
  });

  it('lives as long as pings are answered', async () => {
    const { tunnel, server } = make(5);
    let pings = 0;
    server.on('data', (data: Buffer) => {
      if ((data[0]! & 0x0f) !== OPCODES.ping) return;
      pings += 1;
      server.write(pings < 10 ? frame(OPCODES.pong) : close);
    });
    expect(await read(tunnel)).toEqual({ text: '', end: 'end' });
  });

  it('says goodbye when it is closed here', async () => {
    const { tunnel, server } = make();
    const heard = once(server, 'data');
    const ended = once(server, 'end');
    tunnel.destroy();
    expect(((await heard)[0] as Buffer)[0]).toBe(0x80 | OPCODES.close);
    await ended;
  });

  it('cuts long writes into messages', async () => {
    const { tunnel, server } = make();
    let bytes = 0;
    server.on('data', (data: Buffer) => (bytes += data.length));
    const length = 200_000;
    await new Promise((resolve) => tunnel.write(Buffer.alloc(length), resolve));
    // Four messages: three of 65,536 bytes and their channel (14 bytes of header), one of the rest (8).
    expect(bytes).toBe(length + 4 + 3 * 14 + 8);
  });
});
