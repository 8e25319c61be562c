import type { MachineInterface, MachineState } from '../../../infra/machines/protocol.ts';
import type { ClusterApi } from '../../cluster/cluster-api.ts';
import { override, type SabotageCase } from './sabotage-case.ts';
import type { SimCluster } from './sim-cluster.ts';

/** So many tries before somebody who does not wait gives up. */
const MANY = 200;

/** Healers that break what they promise to who runs them: volumes, calls, words, budgets, and the owner's will. */
export const BROKEN_PROMISES: readonly SabotageCase[] = [
  {
    claim: 'a machine taken for off whose power nobody cut',
    seed: 4,
    sabotage: { machines: (machines) => override(machines, claimOff(machines, 'never ask')) },
    misfortunes: ['freeze', 'cable-out'],
    count: 4,
    violation: /two writers of|deleted pod .* whose power was on/,
  },
  {
    claim: 'the answer to a power-off taken for its proof',
    seed: 2,
    sabotage: { machines: (machines) => override(machines, claimOff(machines, 'believe')) },
    misfortunes: ['interface-lies-once'],
    count: 4,
    violation: /two writers of|whose power was on/,
  },
  {
    claim: 'a write that is tried again at once',
    seed: 2,
    sabotage: { api: (api) => override(api, { patchNode: tryingAgain(api) }) },
    misfortunes: ['admission-denies'],
    count: 3,
    violation: /writes in five seconds/,
  },
  {
    claim: 'a healer that says everything twice',
    seed: 1,
    sabotage: {
      reporter: (reporter) => ({
        ...reporter,
        notify: (...message) => {
          reporter.notify(...message);
          reporter.notify(...message);
        },
      }),
    },
    misfortunes: ['power-off', 'opt-out', 'kill-switch'],
    count: 4,
    violation: /told people twice/,
  },
  {
    claim: 'a healer that tells nobody',
    seed: 2,
    sabotage: { reporter: (reporter) => ({ ...reporter, notify: () => undefined }) },
    misfortunes: ['node-finalizer', 'replacement-never-ready', 'power-off'],
    count: 4,
    violation: /nobody was told/,
  },
  {
    claim: 'a healer that lets bare pods go without a word',
    seed: 2,
    sabotage: { reporter: (reporter) => ({ ...reporter, notify: () => undefined }) },
    misfortunes: ['bare-pod', 'power-off'],
    count: 6,
    violation: /which nobody makes again, and told nobody/,
  },
  {
    claim: 'a healer that does not hear of the kill switch',
    seed: 1,
    sabotage: { ignoresPause: true },
    misfortunes: ['kill-switch', 'power-off'],
    count: 4,
    violation: /although it is paused/,
  },
  {
    claim: 'a healer that acts where it is to observe',
    seed: 10,
    sabotage: { ignoresMode: true },
    misfortunes: ['owner-observes', 'power-off'],
    count: 4,
    violation: /although it only observes/,
  },
  {
    claim: 'a healer that does not know the other healers of nodes',
    seed: 1,
    sabotage: { withoutGuards: ['mark'] },
    misfortunes: ['foreign-mark'],
    count: 4,
    violation: /which somebody else takes care of/,
  },
  {
    claim: 'a healer without budgets',
    seed: 5,
    sabotage: {
      withoutGuards: ['budget-node', 'budget-pool'],
      policy: { budgetPerNode: 1, budgetPerPool: 2, budgetWindowMs: 60_000 },
    },
    misfortunes: ['replacement-keeps-name', 'power-off', 'healer-crash', 'split-leadership'],
    count: 8,
    violation: /, budget [12]$/,
  },
  {
    claim: 'a drain that asks the first pod only',
    seed: 32,
    sabotage: { api: (api, cluster) => override(api, { evictPod: alwaysTheFirst(api, cluster) }) },
    misfortunes: ['budget-refuses', 'two-budgets'],
    count: 5,
    violation: /which it never asked to leave/,
  },
  {
    claim: 'a drain that gives pods no time to end',
    seed: 32,
    sabotage: { policy: { drainGraceMs: 0 } },
    misfortunes: ['long-grace'],
    count: 5,
    violation: /before the grace of/,
  },
];

/** The machine is off once its power was to be cut, whatever the interface says; it may never even be asked. */
function claimOff(
  machines: MachineInterface,
  how: 'never ask' | 'believe',
): Pick<MachineInterface, 'powerOff' | 'states'> {
  const claimed = new Map<string, MachineState>();
  return {
    powerOff: async (node, attempt, signal) => {
      const answer =
        how === 'believe'
          ? await machines.powerOff(node, attempt, signal)
          : { node, state: 'off' as const, observedAtMs: 0 };
      if (answer.state === 'off') claimed.set(node, answer);
      return answer;
    },
    states: async (signal) => new Map([...(await machines.states(signal)), ...claimed]),
  };
}

function tryingAgain(api: ClusterApi): ClusterApi['patchNode'] {
  return async (name, patch, signal) => {
    for (let tries = 1; ; tries++) {
      try {
        return await api.patchNode(name, patch, signal);
      } catch (error) {
        if (tries === MANY) throw error;
      }
    }
  };
}

function alwaysTheFirst(api: ClusterApi, cluster: SimCluster): ClusterApi['evictPod'] {
  return async (pod, signal) => {
    const nodeName = cluster.pods.get(pod.uid)?.spec?.nodeName ?? '';
    const first = cluster.podsOn(nodeName).find(({ metadata }) => metadata.deletionTimestamp === undefined);
    const { uid = pod.uid, name = pod.name } = first?.metadata ?? {};
    return await api.evictPod({ ...pod, uid, name }, signal);
  };
}
