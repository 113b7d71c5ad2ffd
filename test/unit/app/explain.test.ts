import { describe, expect, test } from '@jest/globals';
import { explainCodes, listCodes } from '../../../src/app/explain.ts';
import { formatCodes, formatExplanations } from '../../../src/report/explain-text.ts';
import { COLOURED, PLAIN } from '../../../src/lib/style.ts';
import { thrownBy } from '../../support/thrown.ts';

const codes = (...words: string[]): string[] => explainCodes(words).map(({ code }) => code);

describe('explainCodes', () => {
  test('a code in any form, a name, each page once', () => {
    expect(codes('IST0101', 'ist0112', '2', '0102', 'gatewayduplicatecertificate', '101')).toEqual([
      'IST0101',
      'IST0112',
      'IST0002',
      'IST0102',
      'IST0138',
    ]);
  });

  test('all unknown words, and the nearest code of the first', () => {
    expect(thrownBy(() => codes('IST0101', 'DeprecatedAnotation', 'nothing'))).toMatchObject({
      code: 'usage',
      message: 'there is no code "DeprecatedAnotation", "nothing"',
      hint: 'did you mean DeprecatedAnnotation?',
    });
    expect(thrownBy(() => codes('nothing'))).toMatchObject({ hint: 'mesh explain --list shows all codes' });
  });

  test('a code that another command reports has no page', () => {
    expect(explainCodes(['IST0136'])).toEqual([
      {
        code: 'IST0136',
        name: 'AlphaAnnotation',
        level: 'Info',
        summary: 'An annotation is not yet stable.',
        documentationUrl: expect.stringContaining('/ist0136/'),
      },
    ]);
  });

  test('the list holds what analyze reports', () => {
    const list = listCodes();
    expect(list).toHaveLength(59);
    expect(list.every(({ meaning, bad, good }) => meaning && bad && good)).toBe(true);
  });
});

describe('the pages', () => {
  test('text of at most 80 columns, examples as they are', () => {
    const text = formatExplanations(explainCodes(['IST0126', 'IST0170']), 'text', PLAIN);
    const [page = '', rest = ''] = text.split('\n\nIST0170 ');
    expect(page).toMatch(/^IST0126 UnknownMeshNetworksServiceRegistry \(Error\)\n\n/);
    expect(page).toMatch(/\n\nWhen it happens\n.*\n(?:.*\n)*\nWhat to do\n/);
    expect(page).toContain('\n# with the mesh networks:\nnetworks:\n');
    expect(rest).toContain('\n# and in another cluster:\nkind: Service\n');
    expect(text).toMatch(/\n\nMore\nhttps:\/\/\S+\n$/);
    const prose = page.slice(0, page.indexOf('\nBad\n')).split('\n');
    expect(prose.filter((line) => line.length > 80)).toEqual([]);
  });

  test('without a page, the summary', () => {
    const text = formatExplanations(explainCodes(['136']), 'text', COLOURED);
    expect(text).toContain('An annotation is not yet stable. mesh analyze does not report it.\n');
  });

  test('JSON and YAML hold the same', () => {
    const pages = explainCodes(['101']);
    expect(JSON.parse(formatExplanations(pages, 'json', PLAIN))).toEqual(pages);
    expect(formatExplanations(pages, 'yaml', PLAIN)).toMatch(/^- code: IST0101\n {2}name: Refer/);
  });

  test('the list of codes', () => {
    const some = explainCodes(['101', '118']);
    expect(formatCodes(some, 'text', PLAIN).split('\n')).toEqual([
      'CODE     LEVEL  NAME                                SUMMARY',
      'IST0101  Error  ReferencedResourceNotFound          Something that is referred to does not exist.',
      'IST0118  Info   PortNameIsNotUnderNamingConvention  The protocol of a service port cannot be told from its name.',
      '',
    ]);
    const [first] = JSON.parse(formatCodes(some, 'json', PLAIN)) as unknown[];
    expect(first).toEqual({
      code: 'IST0101',
      name: 'ReferencedResourceNotFound',
      level: 'Error',
      summary: 'Something that is referred to does not exist.',
      documentationUrl: expect.stringContaining('ist0101'),
    });
  });
});
