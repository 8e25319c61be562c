/** One place in so many is kept for calm questions. */
const CALM_SHARE = 4;

/**
 * Lets so many questions be under way at once; the others wait in line, urgent ones in front, but for a quarter of the places, where
 * calm ones come first: in a storm nobody else would hear of the next node that is lost. Without it a thousand TLS
 * handshakes would be begun together, each would miss its time-out, and every miss would call for more questions.
 */
export class QuestionLine {
  readonly #atOnce: number;
  readonly #urgent: (() => void)[] = [];
  readonly #calm: (() => void)[] = [];
  #underWay = 0;
  #calmUnderWay = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async take<T>(urgent: boolean, question: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#atOnce) {
      await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#calm).push(resolve));
    } else this.#enter(urgent, 1);
    try {
      return await question();
    } finally {
      this.#enter(urgent, -1);
      this.#next();
    }
  }

  #next(): void {
    const isCalmFirst = this.#calmUnderWay < Math.floor(this.#atOnce / CALM_SHARE);
    const urgent = isCalmFirst && this.#calm.length > 0 ? undefined : this.#urgent.shift();
    const next = urgent ?? this.#calm.shift();
    if (next === undefined) return;
    // Whoever waits has the place from now on, and not only once it has heard of it.
    this.#enter(urgent !== undefined, 1);
    next();
  }

  #enter(urgent: boolean, change: 1 | -1): void {
    this.#underWay += change;
    if (!urgent) this.#calmUnderWay += change;
  }
}
