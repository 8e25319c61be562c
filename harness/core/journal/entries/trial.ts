import type { Outcome } from '../../verdict.ts';

/** A trial's own life, from its start to its end. */
export type TrialEntry = TrialStarted | Phase | Gate | Stopped | Residue | Note | TrialEnded;

export interface TrialStarted {
  readonly kind: 'trial.started';
  /** From 2 on each line carries, as its last member, a digest over all lines so far. */
  readonly schema: 1 | 2;
  readonly trialId: string;
  readonly runId: string;
  /** The scenario file without directory and ending, e.g. `node-loss`. */
  readonly scenario: string;
  readonly title: string;
  /** The seed of this trial, which chooses its targets. */
  readonly seed: number;
  /** The seed of the run, which `--seed` names and of which that of each trial is made. */
  readonly runSeed?: number;
  readonly repeatIndex: number;
  readonly control: boolean;
  readonly expected: Outcome;
  /** For a trial that is to be violated: the one claim by which, as its id, its kind or the name of its objective. */
  readonly expectedClaim?: string;
  readonly deadlineMs: number;
  readonly bootId: string;
  /** When the worker began to attach to its cluster; of its later trials the first has needed most of what lies between. */
  readonly attachedWallMs?: number;
  readonly cluster: {
    readonly name: string;
    readonly provider: string;
    readonly kubernetesVersion: string;
    readonly uid: string;
    readonly nodes: readonly { readonly name: string; readonly zone: string; readonly role: string }[];
    /** The machine interface profile: bmc, cloud or none. */
    readonly machineProfile: string;
  };
  readonly config: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Digests of the images. */
  readonly digests: Readonly<Record<string, string>>;
  /** The programs that were run as they are: `source` is download, build, system or override. */
  readonly tools?: readonly {
    readonly name: string;
    readonly version: string;
    readonly source: string;
    readonly digest: string;
    /** Of one that was downloaded: the address and digest of the release file, and whether our table or its publisher's list has that digest. */
    readonly release?: { readonly url: string; readonly digest: string; readonly verifiedBy: string };
  }[];
  readonly deviations: readonly string[];
  readonly again: string;
}

/** A step of the trial's life that takes time: cluster, monitoring, healer, workload, gate, inject, observe, revert. */
interface Phase {
  readonly kind: 'phase';
  readonly phase: string;
  readonly state: 'begin' | 'end';
  readonly detail?: string;
}

/** The gate's answer: nothing is injected unless `ok`. */
interface Gate {
  readonly kind: 'gate';
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** A stop condition of the cluster's owner has ended the trial. */
interface Stopped {
  readonly kind: 'trial.stopped';
  readonly condition: string;
  /** `true`: the condition holds; `unreadable`: nobody could read it. */
  readonly state: 'true' | 'unreadable';
  readonly detail: string;
}

interface Note {
  readonly kind: 'note';
  readonly text: string;
}

interface Residue {
  readonly kind: 'residue';
  readonly ok: boolean;
  readonly items: readonly string[];
}

export interface TrialEnded {
  readonly kind: 'trial.ended';
  /** How the scenario's function ended; `interrupted` is written by whoever finds the journal open. */
  readonly how: 'finished' | 'failed' | 'error' | 'interrupted' | 'deadline';
  readonly error?: string;
}
