import { setTimeout as delay } from 'node:timers/promises';
import { startScaleFleet } from './fleet.ts';
import { nodeName } from './objects.ts';
import type { Cost } from './healer.ts';

/** Caches filled, every kubelet asked once, connections open. */
const SETTLE_MS = 25_000;
const MEASURE_MS = 20_000;
const REACT_MS = 6000;
const LOST_TOGETHER = 0.3;

/** What one healer costs; memory in bytes, processor time in cores. */
export interface ScaleCost {
  /** The most that its whole process took, connections of TLS included. */
  readonly peakBytes: number;
  readonly idle: Cost;
  /** From the instant on at which three nodes in ten lose their power together. */
  readonly storm: Cost;
  /** From the loss of one node until it is found, and until its power was cut and that was proved. */
  readonly detectedMs: number;
  readonly fencedMs: number;
}

export const coresOf = ({ cpuMs, wallMs }: Cost): number => cpuMs / wallMs;
export const perSecond = ({ requests, wallMs }: Cost, of: keyof Cost['requests']): number =>
  (1000 * requests[of]) / wallMs;

/** @throws Error when the one node that is lost is not treated within six seconds */
export async function measureScale(nodes: number, pods: number, signal?: AbortSignal): Promise<ScaleCost> {
  await using fleet = await startScaleFleet(nodes, pods);
  await delay(SETTLE_MS, undefined, { signal });
  await fleet.cost();
  await delay(MEASURE_MS, undefined, { signal });
  const idle = await fleet.cost();

  const lost = 7;
  const lostMonoMs = Number(process.hrtime.bigint()) / 1e6;
  fleet.lose([lost]);
  await delay(REACT_MS, undefined, { signal });
  const lines = (await fleet.audit()).filter(({ subject }) => subject === `node/${nodeName(lost)}`);
  const afterMs = (what: string): number => {
    const line = lines.find(({ event, detail }) => `${event} ${detail}`.startsWith(what));
    if (line === undefined)
      throw new Error(
        `no line "${what}" within ${REACT_MS} ms: ${lines.map(({ detail }) => detail).join('; ')}`,
      );
    return line.monoMs - lostMonoMs;
  };
  const [detectedMs, fencedMs] = [afterMs('detected'), afterMs('acted PowerOff')];

  await fleet.cost();
  fleet.lose(Array.from({ length: nodes * LOST_TOGETHER }, (_, index) => lost + 1 + index));
  await delay(MEASURE_MS, undefined, { signal });
  const storm = await fleet.cost();
  return { peakBytes: storm.peakRssBytes, idle, storm, detectedMs, fencedMs };
}
