/** The real time. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../../app/ports.ts';
import { MeshError } from '../../lib/errors.ts';

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await sleepFor(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      throw new MeshError('cancelled', 'stopped while waiting', { cause: error });
    }
  },
};
