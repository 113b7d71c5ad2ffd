/** Codes of rules that no fixture shows, each with the reason. */
export const UNCOVERED_CODES: Readonly<Record<string, string>> = {
  IST0170: 'needs two clusters; tested in test/unit/domain/analysis',
};
