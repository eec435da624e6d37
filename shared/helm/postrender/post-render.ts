import { compareUtf8 } from '../../go/utf8.ts';
import { toPlain } from '../../yaml/json.ts';
import type { Hook } from '../manifest/hooks.ts';
import { sortByKind } from '../manifest/order.ts';
import { manifestText } from '../render.ts';
import { readItems, type Source, type Written, writeItems } from './documents.ts';
import { kustomize } from './kustomize.ts';
import { commonMetadata, originLabels } from './metadata.ts';
import { type Item, PostRenderError, type PostRendered, type PostRenderInput, type Step } from './types.ts';

/**
 * What Flux does to a rendered release before Helm records and installs it: the kustomize post-renderers in turn, then
 * commonMetadata, then the labels that say which HelmRelease it is from. Documents are written anew, as kustomize does: sorted
 * keys, no comments. Inputs are not changed; results share unchanged parts with them.
 *
 * @throws PostRenderError for objects, patches and selectors that kustomize refuses
 */
export function postRender(input: PostRenderInput): PostRendered {
  const steps = stepsOf(input);
  const { documents, hooks } = byStrategy(input, (sources, prefix, label) => run(steps, sources, prefix, label));
  return {
    manifest: manifestText(documents),
    documents,
    hooks,
    get objects() {
      return documents.map((one) => toPlain(one.object));
    },
  };
}

function stepsOf({ postRenderers, commonMetadata: metadata, origin }: PostRenderInput): Step[] {
  const steps: Step[] = [];
  for (const [index, { kustomize: spec }] of (postRenderers ?? []).entries()) {
    if (!spec) continue;
    const where = `spec.postRenderers[${index}]`;
    const step = within(where, () => kustomize(spec));
    steps.push((items) => within(where, () => step(items)));
  }
  const common = metadata === undefined ? undefined : commonMetadata(metadata);
  if (common !== undefined) steps.push(common);
  steps.push(originLabels(origin));
  return steps;
}

type Run = (sources: readonly Source[], prefix: string, label: string) => Written;

function run(steps: readonly Step[], sources: readonly Source[], prefix: string, label: string): Written {
  return within(`error while running post render on ${label}`, () => {
    const items = steps.reduce<Item[]>((all, step) => step(all), readItems(sources));
    return writeItems(items, prefix);
  });
}

/** Says in errors where they are from. */
function within<T>(where: string, what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (!(error instanceof PostRenderError)) throw error;
    throw new PostRenderError(`${where}: ${error.message}`);
  }
}

function byStrategy({ documents, hooks, strategy }: PostRenderInput, render: Run): Written {
  const resources = documents.map(({ path, text, object }) => ({ path, text, object }));
  if (strategy === 'nohooks')
    return { ...render(byPath(resources), 'manifests', 'manifests'), hooks: spaced(hooks, documents) };
  const ofHooks = hooks.map(({ path, manifest, object }) => ({ path, text: manifest, object }));
  if (strategy === 'combined') return render(byPath([...resources, ...ofHooks]), '', 'files');
  const first = render(byPath(ofHooks), 'hooks', 'hooks');
  const second = render(byPath(resources), 'manifests', 'manifests');
  return {
    documents: sortByKind([...first.documents, ...second.documents], (one) => one.head.kind),
    hooks: sortByKind([...spacedRendered(first.hooks, second), ...second.hooks], (one) => one.kind),
  };
}

/** Helm joins what is of one template with a line break that stays in the text before it. */
function spaced(hooks: readonly Hook[], documents: readonly { readonly path: string }[]): Hook[] {
  const left = new Map<string, number>();
  for (const { path } of hooks) left.set(path, (left.get(path) ?? 0) + 1);
  const followed = new Set(documents.map((one) => one.path));
  return hooks.map((hook) => {
    const after = (left.get(hook.path) ?? 0) - 1;
    left.set(hook.path, after);
    return after > 0 || followed.has(hook.path) ? { ...hook, manifest: `${hook.manifest}\n` } : hook;
  });
}

/** The same for hooks that were written as one file: only the last of a template that has resources too is followed. */
function spacedRendered(hooks: readonly Hook[], { documents, hooks: others }: Written): Hook[] {
  const last = new Map(hooks.map((hook) => [hook.path, hook]));
  const followed = new Set([...documents, ...others].map((one) => one.path));
  return hooks.map((hook) =>
    followed.has(hook.path) && last.get(hook.path) === hook ? { ...hook, manifest: `${hook.manifest}\n` } : hook,
  );
}

/** In the order of Helm's stream, but for documents of different kinds in one template. */
function byPath(sources: Source[]): Source[] {
  return sources.sort((a, b) => (a.path === b.path ? 0 : compareUtf8(a.path, b.path)));
}
