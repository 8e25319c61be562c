import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ENGINES } from '../../../infra/engine/engine-names.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { Started, type Ended } from './command-line.ts';
import type { Typed } from './document-commands.ts';

/** What a reader chooses for the words that stand for it. */
export type Choices = Readonly<Record<string, string>>;

/** A text of a document with a reader's choices in it. */
export function filledIn(text: string, choices: Choices): string {
  const words = Object.keys(choices).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (words.length === 0) return text;
  const chosen = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'g');
  return text.replace(chosen, (word) => choices[word] ?? word);
}

/** Types a line of a document in a shell, to its end. */
export function typeLine(
  { line, fill = {}, adds = '', without }: Typed & { readonly line: string },
  choices: Choices,
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const typed = `${filledIn(line, { ...choices, ...fill })} ${adds}`.trim();
  const lacking = without === undefined ? {} : LACKING[without](env);
  const child = spawn(typed, {
    ...{ cwd, env: { ...env, ...lacking } },
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Started(child).ended;
}

/** What an environment is told, so that something is not there. */
const LACKING: Readonly<
  Record<NonNullable<Typed['without']>, (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv>
> = {
  'container engine': ({ PATH = '' }) => {
    const folder = temporaryDirectory('no-engine');
    for (const name of ENGINES) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho '${name}: command not found' >&2; exit 127\n`);
      chmodSync(join(folder, name), 0o755);
    }
    return { PATH: `${folder}${delimiter}${PATH}` };
  },
  network: () => ({ HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' }),
};
