/** Enough of PromQL's grammar to say what a query reads: series with their matchers, and the labels that it sums by. */

export interface PromQuery {
  readonly series: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Labels in `by (...)`, and what `label_values` gives. */
  readonly grouped: readonly string[];
  /** `$name`, but for Grafana's own `$__...`. */
  readonly variables: readonly string[];
}

const FUNCTIONS = ['sum', 'max', 'min', 'rate', 'histogram_quantile', 'vector', 'label_values'];
const WORDS = ['by', 'or'];
const TOKEN = /\s+|"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|\$\w+|[0-9.]+|=~|!~|!=|[-{}()[\],/*+=]/gy;

/** Throws for anything that it does not know: a token, a function, brackets that do not match. */
export function readPromQuery(text: string): PromQuery {
  const tokens = tokenize(text);
  const series: { name: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  const variables = [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name);
  checkBrackets(tokens, text);
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    if (token === '{') {
      const end = tokens.indexOf('}', index);
      const matchers = splitMatchers(tokens.slice(index + 1, end), text);
      const before = tokens[index - 1] ?? '';
      const names = /^\w+$/.test(before) && !FUNCTIONS.includes(before) ? [before] : namesIn(matchers);
      if (names.length === 0) throw new Error(`no metric in ${text}`);
      const labels = matchers.map(([label]) => label).filter((label) => label !== '__name__');
      if (names[0] === before) series.pop();
      for (const name of names) series.push({ name, labels });
      index = end;
    } else if (token === 'by') {
      const end = tokens.indexOf(')', index);
      grouped.push(...tokens.slice(index + 2, end).filter((part) => part !== ','));
      index = end;
    } else if (token === '[') {
      if (tokens[index + 1] !== '$__rate_interval' || tokens[index + 2] !== ']')
        throw new Error(`a range must be [$__rate_interval]: ${text}`);
      index += 2;
    } else if (/^[A-Za-z_]/.test(token) && !WORDS.includes(token)) {
      if (tokens[index + 1] === '(' || tokens[index + 1] === 'by') {
        if (!FUNCTIONS.includes(token)) throw new Error(`unknown function ${token}: ${text}`);
      } else if (tokens[index + 1] === ')' && tokens[index - 1] === ',') {
        grouped.push(token);
      } else {
        series.push({ name: token, labels: [] });
      }
    }
  }
  return { series, grouped, variables: variables.filter((name) => !name.startsWith('__')) };
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const [token] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw new Error(`cannot read "${text.slice(start)}" of ${text}`);
    if (token.trim() !== '') tokens.push(token);
  }
  return tokens;
}

function checkBrackets(tokens: readonly string[], text: string): void {
  const closing: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };
  const open: string[] = [];
  for (const token of tokens) {
    if (closing[token] !== undefined) open.push(closing[token]);
    else if ([')', '}', ']'].includes(token) && open.pop() !== token) throw new Error(`brackets of ${text}`);
  }
  if (open.length > 0) throw new Error(`brackets of ${text}`);
}

function splitMatchers(tokens: readonly string[], text: string): [label: string, value: string][] {
  const matchers: [string, string][] = [];
  for (let index = 0; index < tokens.length; index += 4) {
    const [label = '', operator = '', value = '', comma] = tokens.slice(index, index + 4);
    if (!['=', '!=', '=~', '!~'].includes(operator) || !value.startsWith('"') || (comma ?? ',') !== ',')
      throw new Error(`matchers of ${text}`);
    matchers.push([label, value.slice(1, -1)]);
  }
  return matchers;
}

function namesIn(matchers: readonly [string, string][]): string[] {
  return matchers.filter(([label]) => label === '__name__').flatMap(([, value]) => value.split('|'));
}
