import type { StartedTestContainer } from 'testcontainers';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { ContainerSpec, ServerDefinition } from './definition.ts';

/** A container that answers, and how it ends. */
export interface Running {
  readonly container: StartedTestContainer;
  /** True where it was there before. */
  readonly reused: boolean;
  stop(): Promise<void>;
}

export function notStarted(
  { name }: ServerDefinition,
  { image }: ContainerSpec,
  cause: unknown,
): FiredrillError {
  return new FiredrillError(
    'servers.not-started',
    `${name} (${image}) has not started: ${messageOf(cause)}`,
    {
      hint: "the words above are the program's own, or the engine's",
      cause,
    },
  );
}
