import { startOf, type TrialRecord } from './trial-record.ts';

/**
 * Where a trial took place, by name: in two of these it is two trials. Other tools take equal names for repetitions of one
 * and show one of them, so that a violation on one provider would lie behind a success on another.
 */
export function environmentOf({ verdict, entries }: TrialRecord): readonly (readonly [string, string])[] {
  const { provider, kubernetesVersion } = verdict.cluster;
  return [
    ['provider', provider],
    ['kubernetes', kubernetesVersion],
    ['machine interface', startOf(entries)?.cluster.machineProfile ?? 'not known'],
  ];
}
