/** What the referees found, each with the second at which it happened. */
export class Violations {
  readonly found: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get nowMs(): number {
    return this.#now();
  }

  add(text: string): void {
    this.found.push(`at ${(this.nowMs / 1000).toFixed(3)} s: ${text}`);
  }
}
