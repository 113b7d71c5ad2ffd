/** Hosts with values, found by what overlaps with them (`hostsOverlap`), without comparing all with all. */
import { hostsOverlap } from './host-overlap.ts';

interface Entry<T> {
  readonly host: string;
  readonly value: T;
  readonly order: number;
}

export interface HostIndex<T> {
  add(host: string, value: T): void;
  /** Values of the hosts that overlap with `host`, in the order in which they were added. */
  overlapping(host: string): T[];
  overlaps(host: string): boolean;
}

export function createHostIndex<T>(): HostIndex<T> {
  const all: Entry<T>[] = [];
  const exact = new Map<string, Entry<T>[]>();
  /** By what follows the `*`. */
  const wildcards = new Map<string, Entry<T>[]>();
  /** By each of their ends that begins with a dot: candidates for a wildcard that is asked for. Made when one is. */
  let byEnd: Map<string, Entry<T>[]> | undefined;

  /** Entries that may overlap with `host`, by a superset that is cheap to find. */
  function* candidates(host: string): Generator<Entry<T>> {
    if (!host.startsWith('*')) {
      yield* exact.get(host) ?? [];
      if (wildcards.size === 0) return;
      for (let at = 0; at <= host.length; at += 1) yield* wildcards.get(host.slice(at)) ?? [];
      return;
    }
    const rest = host.slice(1);
    const dot = rest.indexOf('.');
    if (dot < 0) {
      yield* all;
      return;
    }
    if (!byEnd) {
      byEnd = new Map();
      for (const entry of all) addByEnds(byEnd, entry);
    }
    yield* byEnd.get(rest.slice(dot)) ?? [];
    // Wildcards with a shorter rest have no end as long as this one.
    for (let at = dot + 1; at <= rest.length; at += 1) yield* wildcards.get(rest.slice(at)) ?? [];
  }

  return {
    add: (host, value) => {
      const entry = { host, value, order: all.length };
      all.push(entry);
      if (host.startsWith('*')) addTo(wildcards, host.slice(1), entry);
      else addTo(exact, host, entry);
      byEnd = undefined;
    },
    overlapping: (host) => {
      const found = new Set<Entry<T>>();
      for (const entry of candidates(host)) if (hostsOverlap(entry.host, host)) found.add(entry);
      return [...found].sort((a, b) => a.order - b.order).map((entry) => entry.value);
    },
    overlaps: (host) => {
      for (const entry of candidates(host)) if (hostsOverlap(entry.host, host)) return true;
      return false;
    },
  };
}

function addByEnds<T>(byEnd: Map<string, Entry<T>[]>, entry: Entry<T>): void {
  const { host } = entry;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    addTo(byEnd, host.slice(dot), entry);
  }
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
