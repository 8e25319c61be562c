import type { MachineInterface, MachineState } from '../../../infra/machines/protocol.ts';
import type { ClusterApi } from '../../cluster/cluster-api.ts';
import type { PatchOperation } from '../../cluster/objects.ts';
import { override, type SabotageCase } from './sabotage-case.ts';
import { BROKEN_PROMISES } from './broken-promises.ts';
import type { SimCluster } from './sim-cluster.ts';

export const SABOTAGES: readonly SabotageCase[] = [
  {
    claim: 'a proof that is made up',
    seed: 1,
    sabotage: { machines: (machines) => override(machines, pretendOff(machines)) },
    misfortunes: ['freeze', 'cable-out', 'machines-throttled', 'healer-machines-cut'],
    count: 5,
    violation: /deleted pod .* whose power was on|tainted .* whose power was on/,
  },
  {
    claim: 'patches without a precondition',
    seed: 1,
    sabotage: { api: (api) => override(api, { patchNode: withoutTests(api) }) },
    misfortunes: ['person-races-us', 'freeze', 'healer-machines-cut', 'machines-throttled'],
    count: 8,
    violation: /./,
  },
  {
    claim: 'a ledger without a precondition, under two leaders',
    seed: 36,
    sabotage: {
      api: (api, cluster) =>
        override(api, {
          writeLedger: async (_before, data, signal) => await api.writeLedger(cluster.ledger, data, signal),
        }),
    },
    misfortunes: ['split-leadership', 'power-off'],
    count: 6,
    violation: /while .* was under treatment/,
  },
  {
    claim: 'pods deleted by name',
    seed: 8,
    sabotage: { api: (api, cluster) => override(api, { deletePod: byName(api, cluster) }) },
    misfortunes: ['power-off', 'split-leadership'],
    count: 6,
    violation: /deleted pod .* (whose power was on|which runs nowhere)/,
  },
  {
    claim: 'a leader that never steps down',
    seed: 26,
    sabotage: { leadsForEver: true },
    misfortunes: ['power-off', 'healer-api-cut'],
    count: 6,
    violation: /without leading/,
  },
  {
    claim: 'a leader that does not listen to the other healer',
    seed: 2,
    sabotage: { deafToOthers: true },
    misfortunes: ['kubelet-hidden-from-one', 'node-api-cut'],
    count: 12,
    violation: /which answered for/,
  },
  {
    claim: 'a healer that takes a pause for the end',
    seed: 1,
    sabotage: { policy: { silenceMs: 2000 } },
    misfortunes: ['paused-briefly'],
    count: 6,
    violation: /which was paused for a moment/,
  },
  {
    claim: 'a healer that does not see a partition',
    seed: 10,
    sabotage: {
      blindToSuspension: true,
      withoutGuards: ['partition', 'suspended'],
      policy: { minimumHealthyPercent: 1, maximumUnhealthy: 99 },
    },
    misfortunes: ['all-nodes-api-cut', 'power-off'],
    count: 6,
    violation: /while most leases were stale/,
  },
  {
    claim: 'a healer that knows no zones',
    seed: 4,
    sabotage: { blindToZones: true },
    misfortunes: ['zone-switch-breaks'],
    count: 3,
    violation: /whose whole zone is cut off/,
  },
  {
    claim: 'no limit to treatments at once',
    seed: 13,
    sabotage: { withoutGuards: ['in-flight', 'in-flight-zone'] },
    misfortunes: ['power-off'],
    count: 5,
    violation: /while .* was under treatment/,
  },
  {
    claim: 'a healer that ignores marks',
    seed: 1,
    sabotage: { withoutGuards: ['mark'] },
    misfortunes: ['opt-out', 'power-off'],
    count: 8,
    violation: /which opted out/,
  },
  {
    claim: 'a healer that ignores a pause',
    seed: 1,
    sabotage: { withoutGuards: ['paused'] },
    misfortunes: ['pause', 'power-off'],
    count: 8,
    violation: /which is paused/,
  },
  {
    claim: 'every cordon taken for our own',
    seed: 2,
    sabotage: { api: (api) => override(api, { patchNode: claimingCordons(api) }) },
    misfortunes: ['person-cordons', 'freeze', 'healer-machines-cut', 'machines-throttled'],
    count: 10,
    violation: /undid a person's cordon/,
  },
  {
    claim: 'the machine interface believed without asking the kubelet',
    seed: 1,
    sabotage: { believesMachines: true },
    misfortunes: ['machine-lies-off'],
    count: 3,
    violation: /which answered for/,
  },
  {
    claim: 'the record of an attempt forgotten',
    seed: 1,
    sabotage: { api: (api) => override(api, { patchNode: withoutRecord(api) }) },
    misfortunes: ['power-off'],
    violation: /./,
  },
  ...BROKEN_PROMISES,
];

/** Where a power-off fails the machine is off all the same, by every later word. */
function pretendOff(machines: MachineInterface): Pick<MachineInterface, 'powerOff' | 'states'> {
  const pretended = new Map<string, MachineState>();
  return {
    powerOff: async (node, attempt, signal) => {
      try {
        return await machines.powerOff(node, attempt, signal);
      } catch {
        const state = { node, state: 'off', observedAtMs: 0 } as const;
        pretended.set(node, state);
        return state;
      }
    },
    states: async (signal) => {
      const states = await machines.states(signal).catch((error: unknown) => {
        if (pretended.size === 0) throw error;
        return new Map<string, MachineState>();
      });
      return new Map([...states, ...pretended]);
    },
  };
}

function withoutTests(api: ClusterApi): ClusterApi['patchNode'] {
  return async (name, patch, signal) =>
    await api.patchNode(
      name,
      patch.filter(({ op }) => op !== 'test'),
      signal,
    );
}

function withoutRecord(api: ClusterApi): ClusterApi['patchNode'] {
  return async (name, patch, signal) =>
    await api.patchNode(
      name,
      patch.filter(({ path }) => !path.startsWith('/metadata/annotations/')),
      signal,
    );
}

function claimingCordons(api: ClusterApi): ClusterApi['patchNode'] {
  const claim = (operation: PatchOperation): PatchOperation =>
    typeof operation.value === 'string'
      ? { ...operation, value: operation.value.replace('"cordonOurs":false', '"cordonOurs":true') }
      : operation;
  return async (name, patch, signal) => await api.patchNode(name, patch.map(claim), signal);
}

function byName(api: ClusterApi, cluster: SimCluster): ClusterApi['deletePod'] {
  return async (pod, grace, signal) => {
    await cluster.clock.sleep(20);
    const namesake = [...cluster.pods.values()].find((each) => each.metadata.name === pod.name);
    await api.deletePod({ ...pod, uid: namesake?.metadata.uid ?? pod.uid }, grace, signal);
  };
}
