/** How far a pull has come, by the lines that the engine's command prints where no terminal is. */
export class LayerCount {
  readonly #seen = new Set<string>();
  readonly #done = new Set<string>();

  /** In words; empty before anything is known. */
  get said(): string {
    if (this.#seen.size === 0) return '';
    const layers = `${this.#seen.size} layer${this.#seen.size === 1 ? '' : 's'}`;
    return this.#done.size === 0 ? layers : `${this.#done.size} of ${layers}`;
  }

  /** Takes one line. */
  read(line: string): void {
    // Docker's; Podman's, which tells of the beginning only, or of both where the layer was there.
    const [, docker, state = ''] = /^([0-9a-f]{12}): (.+?)\s*$/.exec(line) ?? [];
    const [, podman, skipped] =
      /^Copying blob (?:sha256:)?([0-9a-f]{12})\w*( skipped| done)?/.exec(line) ?? [];
    const layer = docker ?? podman;
    if (layer === undefined) return;
    this.#seen.add(layer);
    if (skipped !== undefined || /^(Pull complete|Already exists)$/.test(state)) this.#done.add(layer);
  }
}
