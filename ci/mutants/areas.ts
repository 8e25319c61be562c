/** Files of which mutants are made, and how many of these the unit tests have to notice. */
export interface Area {
  readonly name: string;
  /** Patterns of its files, tests left out. */
  readonly files: readonly string[];
  readonly except?: readonly string[];
  /** What it says is what it is for, so that texts are emptied, too. */
  readonly hasWords?: boolean;
  /** So many are drawn; all where it is absent. */
  readonly sample?: number;
  /** At least so many of a hundred. */
  readonly targetPercent: number;
}

const DRAWN = { sample: 30, targetPercent: 85 };
const ALL = { targetPercent: 100 };
const PROOFS = ['harness/judge/fenced-first.ts', 'healers/node/plan-off.ts'];

/** Where a mistake would make a verdict, a guard, a proof or a report wrong. */
export const areas: readonly Area[] = [
  {
    ...{ name: 'guards', ...ALL },
    files: [
      'harness/faults/guards/*.ts',
      'harness/core/faults/guard-rules.ts',
      'healers/{safety,node}/guards.ts',
      'healers/safety/gate.ts',
    ],
  },
  { name: 'proofs', files: PROOFS, ...ALL },
  { name: 'judge', files: ['harness/judge/*.ts'], except: PROOFS, ...DRAWN },
  { name: 'recovery', files: ['harness/core/recovery/*.ts'], ...DRAWN },
  { name: 'objectives', files: ['harness/core/slo/*.ts'], ...DRAWN },
  { name: 'observers', files: ['harness/observe/*.ts'], ...DRAWN },
  { name: 'words', files: ['reports/{facts,terminal}/*.ts'], hasWords: true, ...DRAWN },
];
