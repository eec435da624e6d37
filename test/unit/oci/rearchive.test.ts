import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ignoreMatcher } from '../../../syncer/source/ignore.ts';
import { rearchive } from '../../../syncer/source/rearchive.ts';
import { packTar } from '../../env/charts.ts';

const limits = { maxBytes: 1 << 20, maxEntries: 100, refuseLinks: false };

/** name, mode and content of each entry, read plainly. */
function entriesOf(tgz: Uint8Array): { name: string; mode: string; text: string }[] {
  const tar = gunzipSync(tgz);
  const entries = [];
  for (let at = 0; tar[at] !== 0; ) {
    const field = (from: number, length: number) =>
      tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 12), 8);
    entries.push({
      name: field(0, 100),
      mode: field(100, 8).trim(),
      text: tar.toString('utf8', at + 512, at + 512 + size),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

describe('rearchive', () => {
  test('packs files and directories in order, plain modes, without links', async () => {
    const layer = packTar([
      { name: './app/z.yaml', data: 'z' },
      { name: 'app/a/b.yaml', data: 'b' },
      { name: 'app-2/c.yaml', data: 'c' },
      { name: 'app/link', type: '2', linkName: '/etc/passwd' },
      { name: 'app/hard', type: '1', linkName: 'app/z.yaml' },
    ]);
    const out = await rearchive(layer, undefined, limits);
    expect(entriesOf(out).map(({ name, mode }) => `${name} ${mode}`)).toEqual([
      'app/ 000750',
      'app/a/ 000750',
      'app/a/b.yaml 000600',
      'app/z.yaml 000600',
      'app-2/ 000750',
      'app-2/c.yaml 000600',
    ]);
    expect(Buffer.compare(out, await rearchive(layer, undefined, limits))).toBe(0);
  });

  test('reads a plain tar too, and keeps long names', async () => {
    const long = `app/${'d'.repeat(90)}/${'f'.repeat(60)}.yaml`;
    const first = await rearchive(packTar([{ name: 'app/x', data: 'x' }]), undefined, limits);
    expect(entriesOf(await rearchive(gunzipSync(first), undefined, limits))).toHaveLength(2);
    const { Header } = await import('tar');
    const block = Buffer.alloc(512);
    new Header({ path: long, type: 'File', mode: 0o755, size: 0 }).encode(block, 0);
    const out = await rearchive(gzipSync(Buffer.concat([block, Buffer.alloc(1024)])), undefined, limits);
    expect(gunzipSync(out).toString('latin1')).toContain('f'.repeat(60));
  });

  test('leaves out what Flux ignores, .sourceignore and spec.ignore', async () => {
    const layer = packTar([
      { name: '.sourceignore', data: '*.md\n!keep.md\n' },
      { name: 'README.md', data: 'x' },
      { name: 'keep.md', data: 'x' },
      { name: 'logo.png', data: 'x' },
      { name: '.git/config', data: 'x' },
      { name: 'docs/a.txt', data: 'x' },
      { name: 'a.txt', data: 'x' },
    ]);
    const names = entriesOf(await rearchive(layer, '/docs', limits)).map((entry) => entry.name);
    expect(names).toEqual(['.sourceignore', 'a.txt', 'keep.md']);
  });

  test.each([
    ['../evil', 'unsafe path'],
    ['/etc/evil', 'unsafe path'],
    ['a/../../evil', 'unsafe path'],
  ])('refuses the path %s', async (name, message) => {
    await expect(rearchive(packTar([{ name, data: 'x' }]), undefined, limits)).rejects.toThrow(message);
  });

  test('refuses bombs, too many entries, and what is no archive', async () => {
    const bomb = packTar([{ name: 'a', data: Buffer.alloc(2 << 20) }]);
    await expect(rearchive(bomb, undefined, limits)).rejects.toThrow('unpacks to more than 1048576 bytes');
    const many = packTar(Array.from({ length: 101 }, (_, i) => ({ name: `f${i}`, data: 'x' })));
    await expect(rearchive(many, undefined, limits)).rejects.toThrow('more than 100 entries');
    await expect(rearchive(Buffer.from('not an archive, only text'), undefined, limits)).rejects.toThrow('not a valid');
    await expect(rearchive(bomb.subarray(0, 60), undefined, limits)).rejects.toThrow('not a valid gzip stream');
  });
});

describe('ignoreMatcher', () => {
  const ignores = (rules: string, path: string, directory = false) => ignoreMatcher([rules])(path, directory);

  test.each([
    ['*.txt', 'a/b.txt', true],
    ['/*.txt', 'a/b.txt', false],
    ['a/', 'a/b/c', true],
    ['a/', 'x/a/b', true],
    ['a/*/c', 'a/b/c/d', true],
    ['a/**/d', 'a/b/c/d', true],
    ['a/**/d', 'a/d', true],
    ['a/**', 'a', false],
    ['[ab].txt', 'b.txt', true],
    ['[!ab].txt', 'b.txt', false],
    ['*\n!keep', 'keep', false],
    ['# *', 'x', false],
    ['*a*a*a*a*a*a*b', 'a'.repeat(60), false],
  ])('%j on %s: %s', (rules, path, expected) => {
    expect(ignores(rules, path)).toBe(expected);
  });

  test('a rule that ends in a slash is for directories', () => {
    expect(ignores('docs/', 'docs')).toBe(false);
    expect(ignores('docs/', 'docs', true)).toBe(true);
  });

  test('a chart with a link is refused, and the link named', async () => {
    const layer = packTar([{ name: 'app/values.yaml', type: '2', linkName: '/etc/passwd' }]);
    await expect(rearchive(layer, undefined, { ...limits, refuseLinks: true })).rejects.toThrow(
      'the chart has a link: "app/values.yaml"; pack the file itself, as helm package does',
    );
  });
});
