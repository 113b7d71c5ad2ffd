/** Finds which of many texts another text begins (or ends) with, by trying their lengths: no text is compared with all. */

export interface Beginnings<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
  /** Values of the texts with which `text` begins, itself included. */
  ofBeginnings(text: string): T[];
  /** Values of the texts with which `text` ends, itself included. */
  ofEnds(text: string): T[];
}

export function createBeginnings<T>(): Beginnings<T> {
  const values = new Map<string, T>();
  const lengths = new Set<number>();
  const collect = (longest: number, cut: (length: number) => string): T[] => {
    const found: T[] = [];
    for (const length of lengths) {
      const value = length <= longest ? values.get(cut(length)) : undefined;
      if (value !== undefined) found.push(value);
    }
    return found;
  };
  return {
    get: (text) => values.get(text),
    set: (text, value) => {
      values.set(text, value);
      lengths.add(text.length);
    },
    ofBeginnings: (text) => collect(text.length, (length) => text.slice(0, length)),
    ofEnds: (text) => collect(text.length, (length) => text.slice(text.length - length)),
  };
}
