import { readFileSync } from 'node:fs';
import path from 'node:path';
import { systemHost } from '../../../cli/template.ts';
import { encodeUtf8 } from '../../../shared/go/utf8.ts';
import { defaultCapabilities, parseKubeVersion } from '../../../shared/helm/capabilities.ts';
import { readArchive } from '../../../shared/helm/chart/archive.ts';
import { loadChart } from '../../../shared/helm/chart/load.ts';
import { type CompiledChart, compileChart } from '../../../shared/helm/compiled.ts';
import type { Hook } from '../../../shared/helm/manifest/hooks.ts';
import { render } from '../../../shared/helm/render.ts';
import { loadValues } from '../../../shared/helm/values/load.ts';
import { corpusFolder } from '../corpus.ts';

/** One render to compare: a chart of the corpus or one made of texts, and what a release brings. */
export interface Question {
  /** Path within the corpus. */
  readonly archive?: string;
  /** File texts by name, relative to the chart's folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** A values file's text. */
  readonly values: string;
  readonly release: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  readonly isUpgrade: boolean;
  readonly includeCrds: boolean;
}

/** What an engine made of a question. */
export interface Answer {
  readonly manifest: string;
  readonly notes: string;
  /** Path, manifest and what is known of each hook, as one text. */
  readonly hooks: string;
  readonly error: string;
}

/** What one hook adds to `Answer.hooks`. `facts` is kind, name, events, weight and policies. */
export function hookText(hookPath: string, facts: string, manifest: string): string {
  return `# Hook: ${hookPath} ${facts}\n${manifest}\n`;
}

const compiled = new Map<string, CompiledChart>();

/** What our engine answers. Errors of any class are answers: the other side panics too. */
export function askOurs(question: Question): Answer {
  try {
    const values = loadValues(question.values);
    const { kubeVersion } = question;
    const rendered = render(compiledOf(question), {
      releaseName: question.release,
      namespace: question.namespace,
      revision: 1,
      isInstall: !question.isUpgrade,
      isUpgrade: question.isUpgrade,
      includeCrds: question.includeCrds,
      values,
      capabilities: {
        ...defaultCapabilities,
        ...(kubeVersion === '' ? {} : { kubeVersion: parseKubeVersion(kubeVersion) }),
      },
      host: systemHost('UTC'),
    });
    const { manifest, notes, hooks } = rendered;
    return { manifest, notes, hooks: hooks.map(ourHook).join(''), error: '' };
  } catch (error) {
    const { name, message, stack } = error as Error;
    const inner = /^(RangeError|ReferenceError|SyntaxError|TypeError)$/.test(name);
    return { manifest: '', notes: '', hooks: '', error: inner ? `${name}: ${message} ${stack ?? ''}` : message };
  }
}

function compiledOf({ archive, files }: Question): CompiledChart {
  if (archive === undefined) {
    const list = Object.entries(files ?? {}).map(([name, text]) => ({ name, data: encodeUtf8(text) }));
    return compileChart(loadChart(list));
  }
  const known = compiled.get(archive);
  if (known) return known;
  const made = compileChart(loadChart(readArchive(readFileSync(path.join(corpusFolder, archive)))));
  compiled.set(archive, made);
  return made;
}

function ourHook(hook: Hook): string {
  const list = (items: readonly string[]): string => `[${items.join(' ')}]`;
  const facts = [hook.kind, hook.name, list(hook.events), hook.weight, list(hook.deletePolicies)];
  return hookText(hook.path, [...facts, list(hook.outputLogPolicies)].join(' '), hook.manifest);
}
