/** Standard output and error: what is written, with which colours, and a clean end when the reader goes away. */
import type { Writable } from 'node:stream';
import { COLOURED, PLAIN } from '../../lib/style.ts';
import type { Style } from '../../lib/style.ts';

export type ColorMode = 'auto' | 'always' | 'never';

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Colours for one stream. `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are respected
 * (no-color.org, bixense.com/clicolors); each stream is decided by itself.
 */
export function styleFor(stream: NodeJS.WriteStream, mode: ColorMode, env: NodeJS.ProcessEnv): Style {
  if (mode !== 'auto') return mode === 'always' ? COLOURED : PLAIN;
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  if (isSet('NO_COLOR')) return PLAIN;
  if (isSet('FORCE_COLOR')) return env['FORCE_COLOR'] === '0' ? PLAIN : COLOURED;
  if (isSet('CLICOLOR_FORCE') && env['CLICOLOR_FORCE'] !== '0') return COLOURED;
  if (env['CLICOLOR'] === '0' || env['TERM'] === 'dumb') return PLAIN;
  return stream.isTTY ? COLOURED : PLAIN;
}

/** Writes all of `text`; resolves when the stream has taken it. A reader that went away (`| head`) is no error. */
export function writeText(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EPIPE') resolve();
      else reject(error);
    };
    stream.once('error', onError);
    stream.write(text, (error) => {
      if (error) {
        onError(error);
        return;
      }
      stream.off('error', onError);
      resolve();
    });
  });
}
