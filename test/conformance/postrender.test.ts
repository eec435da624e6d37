/** Post-rendering against what Flux helm-controller v1.6.3 made of the same files inside Helm v4.3.1 (data/postrender.jsonl). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { sortManifests } from '../../shared/helm/manifest/sort.ts';
import { postRender } from '../../shared/helm/postrender/post-render.ts';
import type { CommonMetadata, PostRenderer, PostRenderStrategy } from '../../shared/helm/postrender/types.ts';

type Files = Record<string, string>;

interface Case {
  readonly id: string;
  readonly input: {
    /** A number is an index in the header's fileSets. */
    readonly files: Files | number;
    readonly strategy: PostRenderStrategy;
    readonly postRenderers?: PostRenderer[];
    readonly commonMetadata?: CommonMetadata;
  };
  readonly error?: string;
  readonly manifest?: string;
  readonly hooks?: { readonly path: string; readonly manifest: string }[];
}

const [header, ...cases] = readFileSync(new URL('data/postrender.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line)) as [{ readonly fileSets: Files[] }, ...Case[]];

function run({ input }: Case) {
  const files = typeof input.files === 'number' ? (header.fileSets[input.files] as Files) : input.files;
  const { documents, hooks } = sortManifests(new Map(Object.entries(files)));
  return postRender({ ...input, documents, hooks, origin: { name: 'rel', namespace: 'ns' } });
}

describe('post-rendering gives what Flux gives', () => {
  const good = cases.filter((one) => one.error === undefined);
  test.each(good.map((one) => [one.id, one] as const))('%s', (_, one) => {
    const { manifest, hooks } = run(one);
    expect(manifest).toBe(one.manifest);
    expect(hooks.map((hook) => ({ path: hook.path, manifest: hook.manifest }))).toEqual(one.hooks);
  });
});

describe('post-rendering refuses what Flux refuses', () => {
  const bad = cases.filter((one) => one.error !== undefined);
  test.each(bad.map((one) => [one.id, one] as const))('%s', (_, one) => {
    // Helm's sorter comes first here, and last in Helm: some documents are refused by it.
    expect(() => run(one)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^(Post)?RenderError$/) }));
  });
});
