/** Answers of servers inside pods, for the `onPodRequest` of a fake cluster. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PodRequest, PodResponse } from '../../src/app/ports.ts';
import { MeshError } from '../../src/lib/errors.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/istiod');

/** The text of a captured answer: `syncz`, `config_dump`, `envoy-config_dump`. */
export function captured(name: string): string {
  return readFileSync(`${fixtures}/${name}.json`, 'utf8');
}

type Reply =
  PodResponse | Promise<PodResponse> | ((request: PodRequest) => PodResponse | Promise<PodResponse>);

export const json = (value: unknown): PodResponse => ({ status: 200, body: JSON.stringify(value) });
export const text = (body: string, status = 200): PodResponse => ({ status, body });
/** A server that takes the question and never answers. */
export const hanging = (): Promise<PodResponse> => new Promise(() => undefined);

/** Replies by `pod:port/path`, the query left out; all others are not reachable. */
export function repliesOf(
  replies: Readonly<Record<string, Reply>>,
): (request: PodRequest) => PodResponse | Promise<PodResponse> {
  return (request) => {
    const key = `${request.pod}:${request.port}${request.path.split('?')[0] ?? ''}`;
    const reply = replies[key];
    if (reply === undefined)
      throw new MeshError(
        'unreachable',
        `Pod ${request.namespace}/${request.pod} refused port ${request.port}`,
      );
    return typeof reply === 'function' ? reply(request) : reply;
  };
}
