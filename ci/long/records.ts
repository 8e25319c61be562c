import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const UNIT_RECORD = z.object({
  part: z.string(),
  unit: z.string(),
  /** `skipped` where something that the unit needs is not there, which shows nothing. */
  result: z.enum(['passed', 'failed', 'skipped']),
  /** Why it has failed, where its output does not say. */
  reason: z.string().optional(),
  /** What was measured, by the name of the figure; null for a recovery that never came, since JSON has no infinity. */
  figures: z.record(z.string(), z.array(z.number().nullable())).readonly().optional(),
  /** The sources that it ran on: what `sourceVersion` says. */
  commit: z.string(),
  seed: z.number().optional(),
  seconds: z.number(),
  endedAt: z.string(),
});

/** One unit that has run to its end. */
export type UnitRecord = Readonly<z.infer<typeof UNIT_RECORD>>;
/** A unit of the long suite as records know it. */
export type UnitName = Pick<UnitRecord, 'part' | 'unit'>;
/** What came out of a unit. */
export type UnitOutcome = Pick<UnitRecord, 'result' | 'reason' | 'figures'>;

/** What has run on these sources and on others, from a file of JSON lines. Files of several machines can be joined by `cat`. */
export class Records {
  readonly #file: string;
  readonly #commit: string;
  readonly #all: UnitRecord[];

  constructor(file: string, commit: string) {
    this.#file = file;
    this.#commit = commit;
    this.#all = existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap(recordOf) : [];
  }

  /** Adds what has ended just now, on these sources. */
  add(ended: Omit<UnitRecord, 'commit' | 'endedAt'>): void {
    const record = { commit: this.#commit, ...ended, endedAt: new Date().toISOString() };
    mkdirSync(dirname(this.#file), { recursive: true });
    // A line that was cut off must not spoil this one: readers skip what is empty.
    appendFileSync(this.#file, `\n${JSON.stringify(record)}\n`);
    this.#all.push(record);
  }

  /**
   * The record that says that a unit is done on these sources: one that passed or failed. What failed is not tried again, a
   * second try would hide it, and joined files have no order; what was skipped has shown nothing, and other sources are another question.
   */
  doneOf(unit: UnitName): UnitRecord | undefined {
    const here = this.#of(unit).filter(({ commit }) => commit === this.#commit);
    return here.find(({ result }) => result === 'failed') ?? here.at(-1);
  }

  /** How long a unit took the last time, on whatever sources. */
  lastMsOf(unit: UnitName): number | undefined {
    const last = this.#of(unit).at(-1);
    return last && last.seconds * 1000;
  }

  /** Figures by name with all their values, from the units of a part; none before every unit is done on these sources. */
  figuresOf(units: readonly UnitName[]): ReadonlyMap<string, readonly number[]> {
    const done = units.map((unit) => this.doneOf(unit));
    const figures = new Map<string, readonly number[]>();
    if (done.includes(undefined)) return figures;
    for (const [name, values] of done.flatMap((record) => Object.entries(record?.figures ?? {})))
      figures.set(name, [...(figures.get(name) ?? []), ...values.map((value) => value ?? Infinity)]);
    return figures;
  }

  #of({ part, unit }: UnitName): readonly UnitRecord[] {
    return this.#all.filter((one) => one.part === part && one.unit === unit && one.result !== 'skipped');
  }
}

/** A line that a killed run has left half written is no record, nor is anything else that does not look like one. */
function recordOf(line: string): readonly UnitRecord[] {
  try {
    return [UNIT_RECORD.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
