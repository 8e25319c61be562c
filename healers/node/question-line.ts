/**
 * Lets so many questions be under way at once; the others wait in line, urgent ones in front. Without it a thousand TLS
 * handshakes would be begun together, each would miss its time-out, and every miss would call for more questions.
 */
export class QuestionLine {
  readonly #atOnce: number;
  readonly #urgent: (() => void)[] = [];
  readonly #calm: (() => void)[] = [];
  #underWay = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async take<T>(urgent: boolean, question: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#atOnce) {
      // Whoever leaves hands its place over, so the count stays as it is.
      await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#calm).push(resolve));
    } else this.#underWay++;
    try {
      return await question();
    } finally {
      const next = this.#urgent.shift() ?? this.#calm.shift();
      if (next === undefined) this.#underWay--;
      else next();
    }
  }
}
