/** Orders of rows. */

/** By code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Numbers by their value and before other texts: names of routes are often ports. */
export function compareNumeric(a: string, b: string): number {
  const [numberA, numberB] = [a, b].map((text) => (/^\d+$/.test(text) ? Number(text) : Infinity));
  if (numberA === numberB || numberA === undefined || numberB === undefined) return compareText(a, b);
  return numberA - numberB;
}
