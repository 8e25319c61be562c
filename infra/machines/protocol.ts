/**
 * The machine interface: how the healer asks for the truth about machines and fences them.
 *
 * HTTP over TLS, bearer token, JSON bodies:
 *   GET  /v1/machines                      -> 200 MachineStates
 *   POST /v1/machines/NODE/power-off       PowerRequest -> 200 MachineState (after the power is off), 404, 409, 429
 *   POST /v1/machines/NODE/replace         PowerRequest -> 200 ReplaceResult, 404, 409, 429
 *   POST /v1/machines/NODE/power-on        PowerOnRequest -> 200 MachineState (after it was switched on), 404, 409, 429
 *   401 without or with a wrong token. Errors carry { code, message }.
 * All POSTs act once per attempt. Replace and power-on give the same attempt the same answer again; power-off does not: whoever asks takes
 * its answer for the state of the machine, so it is looked at after each request, also where the power was cut long ago.
 *
 * A power-off is proved by two observations: the answer to it, and a later one in the list of all machines, by the clock of the interface
 * (`observedAtMs`). A machine that is on in a list of a still later moment is on, whatever was proved before.
 *
 * It says whose machines these are, by the cluster's UID (`cluster`) or by each machine's own identity (`systemUuid`): names such as
 * node-1 repeat, and a wrong address must not switch off another cluster's node.
 *
 * A healer never switches on; `power-on` is for whoever has switched a machine off to see what happens, and may be left out by a
 * server that says so (`can`). It takes back one power-off and no other: a machine that somebody has fenced meanwhile stays off.
 */
export type MachinePowerState = 'on' | 'off' | 'unknown';

export interface MachineState {
  readonly node: string;
  readonly state: MachinePowerState;
  /** As `status.nodeInfo.systemUUID` of its node. */
  readonly systemUuid?: string;
  /** Unix milliseconds of the observation. */
  readonly observedAtMs: number;
  /** The attempt of the last power-off of a machine that is off; absent: nobody has asked for it through this interface. */
  readonly offBy?: string;
}
export type MachineAbility = 'power-on' | 'replace';

export interface MachineStates {
  readonly machines: readonly MachineState[];
  /** UID of the namespace kube-system of the cluster whose nodes these are. */
  readonly cluster?: string;
  /** What it serves besides the states and power-off; absent: replace alone. */
  readonly can?: readonly MachineAbility[];
}
interface PowerRequest {
  /** A name of this attempt, made by the caller and stored in the cluster before the call. */
  readonly attempt: string;
}
export interface PowerOnRequest extends PowerRequest {
  /** The attempt of the power-off that is taken back; 409 where the last one was another. */
  readonly undoOf: string;
}
export interface ReplaceResult {
  readonly node: string;
  /** The name of the new machine, a node that will register itself. */
  readonly replacement: string;
}

/** What the healer needs of any machine interface. */
export interface MachineInterface {
  states(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>>;
  powerOff(node: string, attempt: string, signal: AbortSignal): Promise<MachineState>;
  replace(node: string, attempt: string, signal: AbortSignal): Promise<ReplaceResult>;
}
