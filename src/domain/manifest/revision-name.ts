/** The revision without a name is the empty string in a spec, and `default` in labels and for people. */

export function revisionName(revision: string): string {
  return revision || 'default';
}

/** The way back, from what somebody typed. */
export function revisionFromName(name: string): string {
  return name === 'default' ? '' : name;
}
