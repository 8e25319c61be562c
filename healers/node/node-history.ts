import type { Clock } from '../../harness/core/clock.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { conditionOf, type NodeObject } from '../cluster/objects.ts';
import type { NodeFacts } from './facts.ts';
import { parseRemediation, type NodeRemediation } from './remediation.ts';

/** One incarnation of a node; times are CLOCK_MONOTONIC milliseconds of this process. */
interface Seen {
  readonly wasReady: boolean;
  readonly isReady: boolean;
  readonly readySinceMs: number;
  readonly attempt: string | undefined;
  readonly attemptSinceMs: number;
  readonly record: string | undefined;
  readonly recordSinceMs: number;
  readonly cordonLifted: boolean;
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
    const remediation = readableIn(record);
    const attempt = remediation?.attempt;
    // Cordon and record are one write: a node that has the one without the other was uncordoned by somebody.
    const isLifted = remediation?.cordonOurs === true && node.spec?.unschedulable !== true;
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
      cordonLifted: isLifted || (attempt !== undefined && before?.attempt === attempt && before.cordonLifted),
    });
  }

  forget(uid: string): void {
    this.#byUid.delete(uid);
  }

  of(
    uid: string,
  ): Pick<NodeFacts, 'seenReady'> &
    Partial<
      Pick<NodeFacts, 'notReadyForMs' | 'readyForMs' | 'remediationAgeMs' | 'recordedForMs' | 'cordonLifted'>
    > {
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
      ...(seen.cordonLifted ? { cordonLifted: true } : {}),
    };
  }
}

function readableIn(record: string | undefined): NodeRemediation | undefined {
  const remediation = parseRemediation(record);
  return remediation === 'unreadable' ? undefined : remediation;
}
