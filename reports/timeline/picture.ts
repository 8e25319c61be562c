import type { Bound } from '../../harness/core/slo/slo.ts';
import type { Outcome } from '../../harness/core/verdict.ts';
import type { Frame } from '../facts/frame.ts';
import type { ResourceState } from '../facts/resources.ts';

export const TONES = ['fault', 'healer', 'good', 'bad', 'doubt', 'quiet'] as const;
export type Tone = (typeof TONES)[number];

/** A vertical line through all lanes. */
export interface PictureMark {
  /** The mark's name in the verdict, or `limit` for the SLO. */
  readonly name: string;
  readonly label: string;
  /** The same with the bracket, where that is promised and there is room. */
  readonly wholeLabel?: string;
  readonly atMs: number;
  /** The bracket that holds the true instant. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly tone: Tone;
  readonly meaning: string;
}

export interface FaultBar {
  readonly label: string;
  readonly requestedMs: number;
  readonly effectiveMs?: number;
  readonly revertedMs?: number;
  readonly revertFailed: boolean;
  readonly proof: string;
}

/** A curve over time with its bound; a null value is a hole in what was measured. */
export interface IndicatorLine {
  readonly clock: 'probe' | 'promql';
  readonly name: string;
  readonly bound?: Bound;
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
  readonly failuresMs: readonly number[];
  readonly problem?: string;
}

export interface AlertRow {
  readonly label: string;
  readonly stretches: readonly {
    readonly state: 'pending' | 'firing';
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  readonly receivedMs: readonly number[];
}

/** What the lane shows of the alerts: a row for each name that changed, the others in words. */
export interface AlertReading {
  readonly rows: readonly AlertRow[];
  /** Alerts that fired during the whole of the picture, such as a watchdog. */
  readonly constant: readonly string[];
  /** Alerts that began in the picture and never fired: nobody records when those go away again. */
  readonly onlyPending: readonly string[];
}

export interface HealerPoint {
  readonly atMs: number;
  readonly label: string;
  readonly meaning: string;
  readonly tone: Tone;
}

export interface ResourceRow {
  readonly name: string;
  readonly detail: string;
  readonly stretches: readonly {
    readonly state: ResourceState;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  readonly createdMs?: number;
  readonly deletedMs?: number;
}

export interface CapacityLine {
  readonly steps: readonly { readonly atMs: number; readonly ready: number; readonly wanted: number }[];
}

/** Everything that the picture shows, in milliseconds from zero: plain data without any drawing. */
export interface TimelineModel {
  readonly title: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly frame: Frame;
  readonly fromMs: number;
  readonly toMs: number;
  readonly marks: readonly PictureMark[];
  readonly faults: readonly FaultBar[];
  readonly indicators: readonly IndicatorLine[];
  readonly alerts: AlertReading;
  readonly healer: readonly HealerPoint[];
  readonly capacity?: CapacityLine;
  readonly nodes: readonly ResourceRow[];
  readonly pods: readonly ResourceRow[];
  /** Pods that were Ready all the time and have no row of their own. */
  readonly steadyPods: number;
  /** Pods that changed but are too many to show. */
  readonly hiddenPods: number;
  readonly notes: readonly HealerPoint[];
}
