/** What was found, and taken away, of a cluster whose supervisor had died. */
export interface Swept {
  readonly processes: number;
  readonly cgroups: number;
  readonly loopDevices: number;
  readonly containers: number;
}

export const NOTHING_SWEPT: Swept = { processes: 0, cgroups: 0, loopDevices: 0, containers: 0 };
