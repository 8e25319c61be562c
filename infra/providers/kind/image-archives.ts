import { copyFileSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LoadImages } from '../../supervisor/protocol.ts';
import { InTurn } from '../../../harness/core/in-turn.ts';

export type StoredImage = LoadImages['images'][number];

/** Imports an archive into nodes that are on. */
type LoadArchive = (archive: string, nodes: readonly string[]) => Promise<void>;

/**
 * Which images the nodes of a cluster have, and how they get them. Archives are kept: a machine that comes as a replacement
 * in a week needs them, when the cache has long been tidied.
 */
export class ImageArchives {
  readonly #directory: string;
  readonly #load: LoadArchive;
  #everywhere: readonly StoredImage[] = [];
  readonly #loaded = new Map<string, Set<string>>();
  readonly #turns = new InTurn();

  constructor(directory: string, load: LoadArchive) {
    this.#directory = directory;
    this.#load = load;
  }

  /** Nodes that come later get these, too. */
  remember(images: readonly StoredImage[]): void {
    const known = new Set(this.#everywhere.map(({ reference }) => reference));
    this.#everywhere = [
      ...this.#everywhere,
      ...images.filter(({ reference }) => !known.has(reference)).map((image) => this.#keep(image)),
    ];
  }

  /** All that a node has to have. */
  loadInto(node: string): Promise<void> {
    return this.loadThese([node], this.#everywhere);
  }

  /** One at a time: they all read and write the same disk. */
  loadThese(nodes: readonly string[], images: readonly StoredImage[]): Promise<void> {
    return this.#turns.do(() => this.#loadThese(nodes, images));
  }

  async #loadThese(nodes: readonly string[], images: readonly StoredImage[]): Promise<void> {
    for (const archive of new Set(images.map((image) => image.archive))) {
      const inside = images.filter((image) => image.archive === archive).map(({ reference }) => reference);
      const lacking = nodes.filter((node) => inside.some((reference) => !this.#of(node).has(reference)));
      if (lacking.length === 0) continue;
      await this.#load(archive, lacking);
      for (const node of lacking) for (const reference of inside) this.#of(node).add(reference);
    }
  }

  #of(node: string): Set<string> {
    const has = this.#loaded.get(node) ?? new Set();
    this.#loaded.set(node, has);
    return has;
  }

  /** A second name for the file, which stays when the cache drops its own. */
  #keep({ reference, archive }: StoredImage): StoredImage {
    mkdirSync(this.#directory, { recursive: true });
    const kept = join(this.#directory, basename(archive));
    if (!existsSync(kept)) {
      try {
        linkSync(archive, kept);
      } catch {
        // Another file system, or one without links.
        copyFileSync(archive, kept);
      }
    }
    return { reference, archive: kept };
  }
}
