import { isNotPulled, whyNotPulled } from './engine.ts';

/** Switches off the reaper of testcontainers. */
const DISABLED = 'TESTCONTAINERS_RYUK_DISABLED';
const IMAGE = 'RYUK_CONTAINER_IMAGE';
/** What this version of testcontainers takes where the environment names no other. */
export const RYUK_IMAGE = 'testcontainers/ryuk:0.14.0';

/** Who takes containers away after the death of whoever asked for them. */
export interface ContainerReaper {
  readonly who: 'ryuk' | 'watcher';
  /** One line on who it is and why. */
  readonly said: string;
}

interface RyukSource {
  readonly has: (reference: string) => Promise<boolean>;
  readonly pull: (reference: string) => Promise<void>;
}

/**
 * Ryuk where the environment allows it and its image can be had, a process of ours otherwise. testcontainers reads the
 * environment when it starts its first container, and is told there.
 */
export async function chooseReaper(env: NodeJS.ProcessEnv, source: RyukSource): Promise<ContainerReaper> {
  const ours = (why: string): ContainerReaper => ({
    who: 'watcher',
    said: `servers end by a process of ours (${why})`,
  });
  if (env[DISABLED] === 'true') return ours(`${DISABLED}=true`);
  const image = env[IMAGE] === undefined || env[IMAGE] === '' ? RYUK_IMAGE : env[IMAGE];
  try {
    if (!(await source.has(image))) await source.pull(image);
    return { who: 'ryuk', said: `servers end by ${image}` };
  } catch (error) {
    if (!isNotPulled(error)) throw error;
    env[DISABLED] = 'true';
    return ours(`${image} cannot be pulled: ${whyNotPulled(error)}`);
  }
}
