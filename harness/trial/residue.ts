import type { NodeInspection } from '../../infra/cluster.ts';

/** What a trial of ours left on the machines; empty: nothing. What a healer did is never residue. */
export function machineResidue(inspections: readonly NodeInspection[]): readonly string[] {
  return inspections.flatMap((machine) => {
    if (!machine.exists || machine.fenced) return [];
    return [
      ...(machine.frozen ? [`${machine.node} is frozen`] : []),
      ...(machine.cable === 'out' ? [`the cable of ${machine.node} is out`] : []),
      ...(machine.processes === 0 ? [`${machine.node} is powered off and nobody fenced it`] : []),
    ];
  });
}
