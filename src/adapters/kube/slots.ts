/** Places for work that may run at once; who finds none waits in line. */
import { withSignals } from './deadline.ts';
import type { Signals } from './deadline.ts';

export interface Slots {
  /** Resolves with the function that gives the place back, or rejects with `cancelled`. */
  take(signals: Signals): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const line: (() => void)[] = [];
  const release = (): void => {
    const next = line.shift();
    if (next) next();
    else free += 1;
  };
  return {
    take: async (signals) => {
      if (free > 0) {
        free -= 1;
        return release;
      }
      let enter: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => {
        enter = resolve;
      });
      line.push(enter);
      try {
        await withSignals(turn, signals);
      } catch (error) {
        const index = line.indexOf(enter);
        // Not in line any more: its turn came together with the signal, and is for the next one.
        if (index === -1) release();
        else line.splice(index, 1);
        throw error;
      }
      return release;
    },
  };
}
