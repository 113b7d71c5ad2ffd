/** Statuses of HTTP that have a name. */

/** First and last of each run of them. */
const STATUSES: readonly (readonly [first: number, last: number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

export function isHttpStatus(text: string): boolean {
  if (!/^\d{1,5}$/.test(text)) return false;
  const status = Number(text);
  return STATUSES.some(([first, last]) => status >= first && status <= last);
}
