const PER_PAGE = 32_768;

/** A set of whole numbers from 0 on that lie close together; a million of them take 128 KiB. */
export class NumberSet {
  readonly #pages = new Map<number, Uint32Array>();

  /** False where it was in the set already. */
  add(number: number): boolean {
    const nth = Math.floor(number / PER_PAGE);
    const page = this.#pages.get(nth) ?? new Uint32Array(PER_PAGE / 32);
    this.#pages.set(nth, page);
    const place = number % PER_PAGE;
    const word = page[place >>> 5] ?? 0;
    const bit = 1 << (place & 31);
    page[place >>> 5] = word | bit;
    return (word & bit) === 0;
  }
}
