/** Files of which mutants are made, and how many of these the unit tests have to notice. */
export interface Area {
  readonly name: string;
  /** Patterns of its files, tests left out. */
  readonly files: readonly string[];
  readonly except?: readonly string[];
  /** What it says is what it is for, so that texts are emptied, too. */
  readonly hasWords?: boolean;
  /** What it sends or writes is what it is for, so that parts of that are left out, too. */
  readonly hasBodies?: boolean;
  /** So many are drawn; all where it is absent. */
  readonly sample?: number;
  /** At least so many of a hundred. */
  readonly targetPercent: number;
}

const DRAWN = { sample: 30, targetPercent: 85 };
const ALL = { targetPercent: 100 };
const GUARDS = ['healers/{safety,node}/guards.ts', 'healers/safety/gate.ts'];
/** Who leads, and what is asked of the API server. */
const CALLS = [
  'healers/cluster/{call,cluster-api,events,json-patch,leases,ledger-object,nodes,objects,pods}.ts',
  'healers/runtime/{leadership,retry-after}.ts',
  'infra/kube/lease*.ts',
];
/** What powers a machine off and takes what for a proof of that, and what is written on its node. */
const FENCE = ['healers/node/{act,machine-poller,patches,zone}.ts'];
/** From the suspicion to the proof. */
const PLANS = ['healers/node/{plan-until-off,plan-answer}.ts'];
const PROOFS = ['harness/judge/fenced-first.ts', 'healers/node/plan-off.ts'];

/** Where a mistake would make a verdict, a guard, a proof or a report wrong. */
export const areas: readonly Area[] = [
  {
    ...{ name: 'guards', ...ALL },
    files: ['harness/faults/guards/*.ts', 'harness/core/faults/guard-rules.ts', ...GUARDS],
  },
  { name: 'proofs', files: PROOFS, ...ALL },
  { name: 'calls', files: CALLS, hasBodies: true, ...ALL },
  { name: 'fence', files: FENCE, hasBodies: true, ...ALL },
  { name: 'plans', files: PLANS, ...ALL },
  {
    ...{ name: 'healer', ...DRAWN, sample: 60 },
    files: ['healers/*.ts', 'healers/{cluster,incident,node,policy,runtime,safety}/*.ts'],
    except: [...CALLS, ...FENCE, ...PLANS, ...PROOFS, ...GUARDS],
  },
  { name: 'judge', files: ['harness/judge/*.ts'], except: PROOFS, ...DRAWN },
  { name: 'recovery', files: ['harness/core/recovery/*.ts'], ...DRAWN },
  { name: 'objectives', files: ['harness/core/slo/*.ts'], ...DRAWN },
  { name: 'observers', files: ['harness/observe/*.ts'], ...DRAWN },
  { name: 'words', files: ['reports/{facts,terminal}/*.ts'], hasWords: true, ...DRAWN },
];
