/** Above every port that a server on an infra node listens at. */
const FIRST = 16_384;
const COUNT = 65_536 - FIRST;
/** At this pace a later process goes on where an earlier one with the same address has stopped. */
const PACE_MS = 50;

/**
 * The ports that requests come from, each as late as possible again.
 *
 * A request to a machine that died leaves an entry in the connection table of the node, for two minutes: address, port,
 * Service, and the dead pod that it was sent to. The kernel picks ports of closed connections again within that time,
 * and a request that happens to get one goes to the dead pod, whatever the Service has meanwhile: up to one request in
 * 20 failed so, minutes after users were served again. At 20 requests per second a port comes back after 41 minutes.
 */
export class SourcePorts {
  #next: number;

  constructor(wallMs: number) {
    this.#next = Math.floor(wallMs / PACE_MS) % COUNT;
  }

  take(): number {
    const port = FIRST + this.#next;
    this.#next = (this.#next + 1) % COUNT;
    return port;
  }
}
