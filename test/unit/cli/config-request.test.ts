import { describe, expect, test } from '@jest/globals';
import { configRequestOf } from '../../../src/cli/config-request.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { formatError } from '../../../src/report/error-text.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { styleFor } from '../../../src/adapters/terminal/output.ts';

describe('--set and --set-json', () => {
  test('keep the order in which they were typed', () => {
    const argv = ['--set', 'a=1', '--set-json', 'b=2', '-s', 'c=3', '--set=d=4', '--set-json=e=5', '-sf=6'];
    const request = configRequestOf({ set: ['a=1', 'c=3', 'd=4', 'f=6'], 'set-json': ['b=2', 'e=5'] }, argv);
    expect(request.sets.map(({ flag, text }) => `${flag} ${text}`)).toEqual([
      '--set a=1',
      '--set-json b=2',
      '--set c=3',
      '--set d=4',
      '--set-json e=5',
      '--set f=6',
    ]);
  });

  test('none is lost when short flags are bundled', () => {
    expect(configRequestOf({ set: ['a=1'] }, ['-qs', 'a=1']).sets).toEqual([{ flag: '--set', text: 'a=1' }]);
  });
});

describe('exit codes', () => {
  test.each([
    ['usage', 64],
    ['config', 65],
    ['template', 65],
    ['unreachable', 69],
    ['internal', 70],
    ['timeout', 75],
    ['failed', 75],
    ['auth', 77],
    ['conflict', 80],
    ['cancelled', 130],
    ['declined', 1],
    ['cluster', 1],
  ] as const)('%s gives %d', (code, exit) => {
    expect(exitCodeOf(new MeshError(code, 'm'))).toBe(exit);
    expect(exitCodeOf(new MeshError(code, 'm'), { oneMeansDifferent: true })).toBe(exit === 1 ? 70 : exit);
  });

  test('anything else is a bug', () => {
    expect(exitCodeOf(new TypeError('x'))).toBe(70);
    expect(formatError(new TypeError('x is not a function'), PLAIN)).toMatch(
      /mesh itself failed: x is not a function\n[^]*report it/,
    );
  });
});

describe('errors as text', () => {
  test('place, details, hint, causes', () => {
    const error = new MeshError('config', 'it is wrong', {
      position: { file: 'a.yaml', line: 1, column: 2 },
      details: ['one', 'two'],
      hint: 'do this',
      cause: new Error('why'),
    });
    expect(formatError(error, PLAIN)).toBe('error: a.yaml:1:2: it is wrong\n  one\n  two\nhint: do this\n');
    expect(formatError(error, PLAIN, true)).toContain('cause: why\n');
  });
});

describe('colours', () => {
  const stream = (isTTY: boolean) => ({ isTTY }) as unknown as NodeJS.WriteStream;
  test.each<[boolean, 'auto' | 'always' | 'never', NodeJS.ProcessEnv, boolean]>([
    [true, 'auto', {}, true],
    [false, 'auto', {}, false],
    [true, 'auto', { NO_COLOR: '1' }, false],
    [true, 'auto', { NO_COLOR: '' }, true],
    [true, 'auto', { TERM: 'dumb' }, false],
    [true, 'auto', { CLICOLOR: '0' }, false],
    [false, 'auto', { FORCE_COLOR: '1' }, true],
    [true, 'auto', { FORCE_COLOR: '0' }, false],
    [false, 'auto', { CLICOLOR_FORCE: '1' }, true],
    [false, 'always', { NO_COLOR: '1' }, true],
    [true, 'never', { FORCE_COLOR: '1' }, false],
  ])('terminal %s, --color %s, %j: %s', (isTTY, mode, env, expected) => {
    expect(styleFor(stream(isTTY), mode, env).red('x') !== 'x').toBe(expected);
  });
});
