import type { FleetFacts } from '../safety/guards.ts';

/**
 * Counts the cluster when somebody first asks. Nearly every look is at a healthy node, whose plan asks nothing about the
 * others: with a thousand nodes, counting each time would be most of the work.
 */
export class FleetCount implements FleetFacts {
  readonly #count: () => FleetFacts;
  #counted: FleetFacts | undefined;

  constructor(count: () => FleetFacts) {
    this.#count = count;
  }

  get nodes(): number {
    return this.#facts.nodes;
  }
  get unhealthy(): number {
    return this.#facts.unhealthy;
  }
  get leases(): number {
    return this.#facts.leases;
  }
  get staleLeases(): number {
    return this.#facts.staleLeases;
  }
  get unprovenLeases(): number {
    return this.#facts.unprovenLeases;
  }
  get inFlight(): FleetFacts['inFlight'] {
    return this.#facts.inFlight;
  }
  get endedAgoMs(): number | undefined {
    return this.#facts.endedAgoMs;
  }
  get attemptsOnNode(): number {
    return this.#facts.attemptsOnNode;
  }
  get attemptsInPool(): number {
    return this.#facts.attemptsInPool;
  }
  get nextAttempt(): number {
    return this.#facts.nextAttempt;
  }
  get suspended(): string | undefined {
    return this.#facts.suspended;
  }

  get #facts(): FleetFacts {
    this.#counted ??= this.#count();
    return this.#counted;
  }
}
