import { once } from 'node:events';
import { Worker, parentPort, workerData } from 'node:worker_threads';
import { SABOTAGES } from './sabotages.ts';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';

/** A run, with the sabotage told by its claim: functions do not cross to another thread. */
interface SimulationOrder extends Omit<SimulationOptions, 'sabotage'> {
  readonly sabotage?: string;
}

const PURPOSE = 'simulation';

/**
 * Runs simulations on a thread of their own, one after the other: `node:test` follows every promise of the
 * thread that it runs on, which takes twice as long again as the simulation itself.
 */
export class SimulationThread implements AsyncDisposable {
  readonly #worker = new Worker(import.meta.filename, { workerData: PURPOSE });

  /** What throws over there is thrown here: `once` fails with the worker's `error`. */
  async run(order: SimulationOrder): Promise<SimulationResult> {
    const answered = once(this.#worker, 'message') as Promise<[SimulationResult]>;
    this.#worker.postMessage(order);
    const [result] = await answered;
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

async function answer({ sabotage: claim, ...options }: SimulationOrder): Promise<void> {
  const sabotage = SABOTAGES.find((each) => each.claim === claim)?.sabotage ?? {};
  parentPort?.postMessage(await simulate({ ...options, sabotage }));
}

if (workerData === PURPOSE) parentPort?.on('message', (order: SimulationOrder) => void answer(order));
