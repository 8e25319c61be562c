import { largest } from '../extremes.ts';

/** The chance that the outage went on for longer; a part of the 5 % goes to shares that few failures tell badly. */
const LONGER = 0.03;
/** Half of the least failing share that is calibrated: single failures would never rule out ever smaller ones. */
const LEAST_SHARE = 1 / 40;
/** Shares are tried between the least one and all, as many below as above each, by their ratio. */
const STEPS = 200;

/** The requests of an outage in which any of them fails by the same chance. */
interface SeenOutage {
  /** Requests from the first failure to the last. */
  readonly asked: number;
  readonly failed: number;
  /** Requests from the fault to the first failure: the outage may have begun at any of them. */
  readonly before: number;
}

/**
 * For how many periods after its last failure an outage may have gone on unseen, because every request was lucky: a fault
 * that hits a third of the replicas lets two of three requests through. How many fail is not known either, and estimated
 * from the whole outage: every share that fails more than `allowedShare` is weighed by how well it explains what was
 * seen. 1, up to the next request, for a total outage.
 */
export function unseenPeriods({ asked, failed, before }: SeenOutage, allowedShare: number): number {
  const least = Math.min(Math.max(LEAST_SHARE, allowedShare), 0.9);
  const shares = Array.from({ length: STEPS }, (_, step) => least ** ((step + 0.5) / STEPS));
  // One power of a share less for each end of the outage, which may lie anywhere.
  const logs = shares.map(
    (share) =>
      (failed - 2) * Math.log(share) +
      (asked - failed) * Math.log1p(-share) +
      Math.log1p(-((1 - share) ** (before + 1))),
  );
  const best = largest(logs);
  let weights = logs.map((log) => Math.exp(log - best));
  let sum = weights.reduce((all, weight) => all + weight, 0);
  const enough = LONGER * sum;
  for (let periods = 1; ; periods++) {
    const before = sum;
    weights = weights.map((weight, step) => weight * (1 - (shares[step] ?? 1)));
    sum = weights.reduce((all, weight) => all + weight, 0);
    // The end lies anywhere between two requests.
    if (sum <= enough) return Math.max(1, periods - 1 + (before - enough) / (before - sum));
  }
}
