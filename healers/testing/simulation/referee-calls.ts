import type { SimLine } from './sim-line.ts';
import type { Violations } from './violations.ts';

const WINDOW_MS = 5000;
/** What one process may send within five seconds, whatever it is answered: twice what the loss of a whole zone takes. */
const MOST_WRITES = 50;
const MOST_CALLS = 800;

interface Recent {
  readonly writes: number[];
  readonly all: number[];
}

/** How often processes call, and that they change nothing while they are paused or only observe. */
export class RefereeOfCalls {
  readonly #violations: Violations;
  readonly #byLine = new WeakMap<SimLine, Recent>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  sent(line: SimLine, what: string, change: boolean): void {
    const recent = this.#byLine.get(line) ?? { writes: [], all: [] };
    this.#byLine.set(line, recent);
    this.#count(line, 'calls', recent.all, MOST_CALLS);
    if (!change) return;
    this.#count(line, 'writes', recent.writes, MOST_WRITES);
    if (line.paused !== undefined)
      this.#violations.add(`${line.healer} asked for ${what}, although it is paused`);
    if (line.observes) this.#violations.add(`${line.healer} asked for ${what}, although it only observes`);
  }

  #count(line: SimLine, what: string, times: number[], most: number): void {
    const { nowMs } = this.#violations;
    times.push(nowMs);
    while ((times[0] ?? nowMs) < nowMs - WINDOW_MS) times.shift();
    if (times.length === most + 1)
      this.#violations.add(`${line.healer} made more than ${most} ${what} in five seconds`);
  }
}
