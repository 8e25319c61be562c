import type { UndoneEffect } from '../../infra/cluster.ts';
import type { Clock } from '../core/clock.ts';
import { entriesOf } from '../core/journal/journal.ts';
import { Journal } from './journal-file.ts';

/** What became of an injection that its own trial did not revert. */
interface LateRevert {
  readonly ok: boolean;
  readonly observation: string;
}

/**
 * Adds to a journal whose writer is gone how its faults were undone without it. An injection of which nothing is known
 * stays without an entry, and a trial that came to its end has said all there is.
 */
export function appendLateReverts(
  journalPath: string,
  clock: Clock,
  revertOf: (injectionId: string, sinceWallMs: number) => LateRevert | undefined,
): void {
  const journal = Journal.reopen(journalPath, clock);
  const ended = journal.entries.at(-1)?.kind === 'trial.ended';
  const requested = ended ? [] : entriesOf(journal.entries, 'fault.requested');
  const reverted = new Set(entriesOf(journal.entries, 'fault.reverted').map((entry) => entry.injectionId));
  for (const { injectionId, wallMs } of requested) {
    if (reverted.has(injectionId)) continue;
    const late = revertOf(injectionId, wallMs);
    if (late !== undefined)
      journal.append({ kind: 'fault.reverted', injectionId, by: 'supervisor', ...late });
  }
  journal.close();
}

/** What a supervisor's record says of one injection: undone when every effect of it was. */
export function revertFrom(
  undone: readonly UndoneEffect[],
  session: string,
): (injectionId: string, sinceWallMs: number) => LateRevert | undefined {
  return (injectionId, sinceWallMs) => {
    // An injection's undos are numbered as they were registered: `f1.0`, `f1.1`.
    const effects = undone.filter(
      (effect) =>
        effect.session === session &&
        effect.injectionId.startsWith(`${injectionId}.`) &&
        effect.wallMs >= sinceWallMs,
    );
    if (effects.length === 0) return undefined;
    return {
      ok: effects.every((effect) => effect.ok),
      observation: effects
        .map(
          ({ verb, node, error }) =>
            `${verb} ${node} by the supervisor${error === undefined ? '' : `: ${error}`}`,
        )
        .join(', '),
    };
  };
}
