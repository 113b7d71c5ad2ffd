/** What `mesh explain` tells about a code. */

/** What is analysed in an example: documents, and what else they need. */
export interface Example {
  readonly yaml: string;
  /** A MeshConfig and MeshNetworks, as YAML. */
  readonly meshConfig?: string | undefined;
  readonly meshNetworks?: string | undefined;
  /** Documents of a second cluster. */
  readonly otherCluster?: string | undefined;
}

export interface Explanation {
  readonly code: string;
  /** What is wrong, and what follows from it. */
  readonly meaning: string;
  /** How it comes about. */
  readonly when: string;
  readonly fix: string;
  /** In which analyze finds this code alone, and in which it finds nothing. Tests run both. */
  readonly bad: Example;
  readonly good: Example;
}

export interface ExplanationTexts {
  readonly meaning: string;
  readonly when: string;
  readonly fix: string;
}

/**
 * An explanation whose good example is the bad one with every `from` replaced by `to`. Line ends in the texts are spaces.
 * Throws when `from` is not there.
 */
export function explain(
  code: string,
  texts: ExplanationTexts,
  bad: string | Example,
  from: string,
  to: string,
): Explanation {
  const example = typeof bad === 'string' ? { yaml: bad } : bad;
  const entries = Object.entries(example as unknown as Record<string, string>);
  if (!entries.some(([, text]) => text.includes(from)))
    throw new Error(`the example of ${code} does not contain ${from}`);
  const repaired = entries.map(([part, text]) => [part, text.replaceAll(from, to)] as const);
  return {
    code,
    meaning: oneLine(texts.meaning),
    when: oneLine(texts.when),
    fix: oneLine(texts.fix),
    bad: example,
    good: Object.fromEntries(repaired) as unknown as Example,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
