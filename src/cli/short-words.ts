/**
 * Short and plural words for commands of a topic, as istioctl has them. They are replaced before anything else looks at
 * the command line, so that help and the list of commands show each command once.
 */
const TOPICS: Readonly<Record<string, string>> = { pc: 'proxy-config' };

const COMMANDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'proxy-config': {
    a: 'all',
    b: 'bootstrap',
    c: 'cluster',
    clusters: 'cluster',
    ec: 'ecds',
    endpoints: 'endpoint',
    ep: 'endpoint',
    l: 'listener',
    listeners: 'listener',
    o: 'log',
    r: 'route',
    rc: 'rootca-compare',
    routes: 'route',
    s: 'secret',
    secrets: 'secret',
  },
};

/** `pc c web` → `proxy-config cluster web`, `help pc` → `help proxy-config`. */
export function expandWords(argv: readonly string[]): string[] {
  const start = argv[0] === 'help' ? 1 : 0;
  const [topic, command, ...rest] = argv.slice(start);
  if (topic === undefined) return [...argv];
  const words = [wordOf(TOPICS, topic)];
  const commands = COMMANDS[words[0] ?? ''];
  if (command !== undefined) words.push(commands ? wordOf(commands, command) : command);
  return [...argv.slice(0, start), ...words, ...rest];
}

function wordOf(words: Readonly<Record<string, string>>, word: string): string {
  return (Object.hasOwn(words, word) ? words[word] : undefined) ?? word;
}
