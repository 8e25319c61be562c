/** How a request fails: on its way, on its way back after it was carried out, or by what the API server answers. */
export type RequestFailure = 'before' | 'after' | 'throttled' | 'server-error' | 'conflict' | 'denied';

/** How one healer process is connected to the world, and what befalls it. */
export interface SimLine {
  readonly healer: string;
  /** No request gets through, and none comes back. */
  apiCut: boolean;
  machinesCut: boolean;
  /** Its audit cannot be written. */
  diskFull: boolean;
  /** Share of its requests that fail, and how. */
  failures: number;
  failureKinds: readonly RequestFailure[];
  /** How much later than usual its watches tell it anything. */
  watchLagMs: number;
  /** It decides, and must change nothing. */
  readonly observes: boolean;
  /** Why nothing may be done, as far as this process has heard. */
  paused: string | undefined;
  /** Called before and after each change is carried out; may end the process. */
  crashPoint(): void;
  /** Called when a patch of a node has been sent and has not arrived. */
  beforePatch(name: string): void;
  readonly signal: AbortSignal;
  leading(): boolean;
}
