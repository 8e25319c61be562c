import type { Clock } from '../../harness/core/clock.ts';
import type { NodeShare } from './node-share.ts';

/** What is counted, and which nodes count. */
const COUNTED = {
  all: () => true,
  nodes: ({ isCounted }) => isCounted,
  unhealthy: ({ isCounted, isUnhealthy }) => isCounted && isUnhealthy,
  /** Those that others switch off as they please are no sign of anything, whether they are there or not. */
  telling: ({ isForeign }) => !isForeign,
  leases: ({ isForeign, lease }) => !isForeign && lease !== undefined,
  staleLeases: ({ isForeign, lease }) => !isForeign && lease === 'overdue',
  unprovenLeases: ({ isForeign, isLeaseUnproven }) => !isForeign && isLeaseUnproven,
  /** Others hear them, and we do not. */
  unheard: ({ isForeign, lease, isSilent }) => !isForeign && lease === 'renewed' && isSilent,
  silent: ({ isSilent }) => isSilent,
} satisfies Record<string, (share: NodeShare) => boolean>;
type Tally = Record<keyof typeof COUNTED, number>;

/** Nodes by what they may say of their zone. */
const KINDS = {
  calm: ({ isCalm }) => isCalm,
  recorded: ({ isRecorded }) => isRecorded,
  inFlight: ({ isInFlight }) => isInFlight,
  oursOff: ({ isOurs, isOff }) => isOurs && isOff,
  oursNotOff: ({ isOurs, isOff }) => isOurs && !isOff,
} satisfies Record<string, (share: NodeShare) => boolean>;

interface ZoneCounts {
  readonly tally: Readonly<Tally>;
  /** The names of all of its nodes, and of those of each kind. */
  readonly names: ReadonlySet<string>;
  readonly kinds: Readonly<Record<keyof typeof KINDS, ReadonlySet<string>>>;
}

interface Held {
  readonly share: NodeShare;
  readonly untilMs: number;
}

/** So many changes wait at most until somebody asks: more of them at once would hold everything up. */
const WAITING_AT_MOST = 256;

/**
 * Counts of the whole cluster that are kept up on change: no plan counts nodes. A change of a node is noted, and counted when
 * somebody asks, so that what is told is always of this moment. What changes by the mere passing of time has its due time.
 */
export class FleetCounts {
  readonly #clock: Clock;
  readonly #shareOf: (node: string) => NodeShare | undefined;
  readonly #held = new Map<string, Held>();
  readonly #changed = new Set<string>();
  readonly #total = noTally();
  readonly #zones = new Map<string, ReturnType<typeof noZone>>();
  /** No due time is earlier. */
  #dueMs = Infinity;

  constructor(clock: Clock, shareOf: (node: string) => NodeShare | undefined) {
    this.#clock = clock;
    this.#shareOf = shareOf;
  }

  /** Notes that something was seen of a node, or that it is gone. */
  changed(node: string): void {
    if (this.#changed.add(node).size > WAITING_AT_MOST) this.#settle();
  }

  get total(): Readonly<Tally> {
    this.#settle();
    return this.#total;
  }

  get zones(): ReadonlyMap<string, ZoneCounts> {
    this.#settle();
    return this.#zones;
  }

  share(node: string): NodeShare | undefined {
    this.#settle();
    return this.#held.get(node)?.share;
  }

  #settle(): void {
    const { monoMs } = this.#clock.now();
    if (monoMs >= this.#dueMs) {
      this.#dueMs = Infinity;
      for (const [node, { untilMs }] of this.#held) {
        if (monoMs >= untilMs) this.#changed.add(node);
        else this.#dueMs = Math.min(this.#dueMs, untilMs);
      }
    }
    for (const node of this.#changed) this.#count(node, monoMs);
    this.#changed.clear();
  }

  #count(node: string, monoMs: number): void {
    const before = this.#held.get(node)?.share;
    const share = this.#shareOf(node);
    if (before !== undefined) this.#add(before, -1);
    if (before !== undefined && before.zone !== share?.zone) this.#leaveZone(before);
    if (share === undefined) {
      this.#held.delete(node);
      return;
    }
    this.#add(share, 1);
    const { names, kinds } = this.#zoneOf(share);
    names.add(node);
    for (const kind of kindNames) {
      if (KINDS[kind](share)) kinds[kind].add(node);
      else kinds[kind].delete(node);
    }
    const untilMs = monoMs + share.forMs;
    this.#held.set(node, { share, untilMs });
    this.#dueMs = Math.min(this.#dueMs, untilMs);
  }

  #add(share: NodeShare, sign: 1 | -1): void {
    const { tally } = this.#zoneOf(share);
    for (const key of countNames) {
      if (!COUNTED[key](share)) continue;
      this.#total[key] += sign;
      tally[key] += sign;
    }
  }

  #leaveZone({ name, zone }: NodeShare): void {
    const { names, kinds } = this.#zones.get(zone) ?? noZone();
    names.delete(name);
    for (const kind of kindNames) kinds[kind].delete(name);
    if (names.size === 0) this.#zones.delete(zone);
  }

  #zoneOf({ zone }: NodeShare): ReturnType<typeof noZone> {
    const found = this.#zones.get(zone) ?? noZone();
    this.#zones.set(zone, found);
    return found;
  }
}

const countNames = Object.keys(COUNTED) as (keyof typeof COUNTED)[];
const kindNames = Object.keys(KINDS) as (keyof typeof KINDS)[];

function noTally(): Tally {
  return Object.fromEntries(countNames.map((key) => [key, 0])) as Tally;
}

function noZone() {
  const kinds = Object.fromEntries(kindNames.map((kind) => [kind, new Set<string>()])) as Record<
    keyof typeof KINDS,
    Set<string>
  >;
  return { tally: noTally(), names: new Set<string>(), kinds };
}
