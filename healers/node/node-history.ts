import type { Clock } from '../../harness/core/clock.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { conditionOf, type NodeObject } from '../cluster/objects.ts';
import type { NodeFacts } from './facts.ts';
import { parseRemediation } from './remediation.ts';

/** One incarnation of a node; times are CLOCK_MONOTONIC milliseconds of this process. */
interface Seen {
  readonly wasReady: boolean;
  readonly isReady: boolean;
  readonly readySinceMs: number;
  readonly attempt: string | undefined;
  readonly attemptSinceMs: number;
  readonly record: string | undefined;
  readonly recordSinceMs: number;
}

/** Since when each node is what it is, as this process has seen it: the times in the objects are those of others' clocks. */
export class NodeHistory {
  readonly #clock: Clock;
  readonly #byUid = new Map<string, Seen>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  see(node: NodeObject): void {
    const { monoMs } = this.#clock.now();
    const before = this.#byUid.get(node.metadata.uid);
    const isReady = conditionOf(node, 'Ready') === 'True';
    const record = node.metadata.annotations?.[REMEDIATION_ANNOTATION];
    const attempt = attemptIn(record);
    // Where a treatment is under way it may have become so a moment ago, before this process began to look.
    const isReadyAtFirst = before === undefined && isReady && attempt === undefined;
    this.#byUid.set(node.metadata.uid, {
      isReady,
      wasReady: isReady || before?.wasReady === true,
      readySinceMs: before?.isReady === isReady ? before.readySinceMs : isReadyAtFirst ? -Infinity : monoMs,
      attempt,
      attemptSinceMs: before !== undefined && before.attempt === attempt ? before.attemptSinceMs : monoMs,
      record,
      recordSinceMs: before !== undefined && before.record === record ? before.recordSinceMs : monoMs,
    });
  }

  forget(uid: string): void {
    this.#byUid.delete(uid);
  }

  of(
    uid: string,
  ): Pick<NodeFacts, 'seenReady' | 'notReadyForMs' | 'readyForMs' | 'remediationAgeMs' | 'recordedForMs'> {
    const seen = this.#byUid.get(uid);
    if (seen === undefined) return { seenReady: false };
    const { monoMs } = this.#clock.now();
    const forMs = monoMs - seen.readySinceMs;
    return {
      seenReady: seen.wasReady,
      ...(seen.isReady ? { readyForMs: forMs } : { notReadyForMs: forMs }),
      ...(seen.attempt === undefined
        ? {}
        : { remediationAgeMs: monoMs - seen.attemptSinceMs, recordedForMs: monoMs - seen.recordSinceMs }),
    };
  }
}

function attemptIn(record: string | undefined): string | undefined {
  const remediation = parseRemediation(record);
  return remediation === 'unreadable' ? undefined : remediation?.attempt;
}
