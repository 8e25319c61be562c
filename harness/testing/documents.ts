import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** All documents of the project, relative to the root. */
export const DOCUMENTS = globSync(['*.md', '{ci,harness,healers,infra,reports,scenarios}/**/*.md'], {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules') || path.startsWith('reports/out'),
});

export const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

/** What stands between fences of this language in a text; those of commands name none. */
export function fencesOf(text: string, language = ''): readonly string[] {
  const fences = text.matchAll(/^```(\w*)\n([^]*?)^```/gm);
  return [...fences].filter(([, named]) => named === language).map(([, , inside = '']) => inside);
}

const PROGRAMS = 'npm|npx|firedrill|node|kubectl|go|docker|systemctl|export|CGO_ENABLED=0';

/** The commands of a text, as a reader would type them: the lines of its fences, and what stands so among its words. */
export function commandsOf(text: string): readonly string[] {
  const lines = fencesOf(text).flatMap((fence) => fence.replaceAll('\\\n', ' ').split('\n'));
  const inline = text.matchAll(new RegExp(`\`((?:${PROGRAMS}) [^\`\\n]+)\``, 'g'));
  return [...lines, ...[...inline].map(([, command = '']) => command)]
    .map((line) =>
      line
        .replace(/\s# .*/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter(Boolean);
}

/** A scenario's name is found wherever its file lies. */
export function isScenario(path: string): boolean {
  const [, scenario] = /^scenarios\/([\w-]+)$/.exec(path) ?? [];
  return (
    scenario !== undefined &&
    globSync([`scenarios/**/${scenario}.spec.ts`, `scenarios/${scenario}/*.spec.ts`], { cwd: ROOT }).length >
      0
  );
}
