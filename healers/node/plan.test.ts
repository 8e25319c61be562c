import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ATTEMPT,
  calmFleet,
  deadNode,
  healthyNode,
  pod,
  policy,
  self,
  silentKubelet,
  treated,
} from '../testing/facts.ts';
import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';
import { planNode } from './plan.ts';
import type { NodePlan, NodeStep } from './plan-answer.ts';
import { nextToDrain } from './plan-until-off.ts';
import { CUT_OFF_RULE } from './remediation.ts';
import type { NodePolicy } from '../policy/node-policy.ts';

interface Case {
  readonly claim: string;
  readonly node: NodeFacts;
  readonly fleet?: Partial<FleetFacts>;
  readonly self?: Partial<SelfFacts>;
  readonly policy?: Partial<NodePolicy>;
  readonly step: NodeStep['kind'];
  readonly verdict?: NodePlan['verdict'];
  readonly rule?: string;
  readonly afterMs?: number;
  readonly probeEveryMs?: number;
  readonly more?: Readonly<Record<string, unknown>>;
}

const proof = { attempt: ATTEMPT, provedAgoMs: 50 } as const;
const web = pod('web-1');
const unknown = { state: 'unknown', ageMs: 0 } as const;
const answering = (forMs: number) => ({ failuresInRow: 0, answeredAgoMs: 10, answeringForMs: forMs });
const notReady: NodeFacts = { ...healthyNode, ready: 'False', kubelet: answering(60_000) };
const cutOff = treated('cordoned', { rule: CUT_OFF_RULE });
const draining = treated('draining', { rule: 'node-not-ready' });

const CASES: readonly Case[] = [
  {
    claim: 'a healthy node is left alone until its lease would be overdue',
    node: healthyNode,
    step: 'rest',
    afterMs: 8001,
  },
  {
    claim: 'a dead node seen in the cache is looked at live before anything is done',
    node: { ...deadNode, live: false },
    step: 'look',
    afterMs: 0,
  },
  {
    claim: 'a dead node is cordoned and recorded as fencing in one step',
    node: deadNode,
    step: 'begin',
    more: { remediation: { attempt: ATTEMPT, phase: 'fencing', cordonOurs: true, rule: 'node-silent' } },
  },
  {
    claim: 'a node that a person has cordoned may reboot',
    node: { ...deadNode, unschedulable: true },
    step: 'rest',
    rule: 'may-reboot',
  },
  {
    claim: 'a cordon that was there before is not ours',
    node: {
      ...deadNode,
      unschedulable: true,
      kubelet: { ...deadNode.kubelet, silentForMs: policy.cordonedSilentMs },
    },
    step: 'begin',
    more: { remediation: { attempt: ATTEMPT, phase: 'fencing', cordonOurs: false, rule: 'node-silent' } },
  },
  {
    claim: 'an attempt that was noted and did not begin keeps its name',
    node: deadNode,
    fleet: { attempt: 'node-1.11111111.noted' },
    step: 'begin',
    more: {
      remediation: {
        attempt: 'node-1.11111111.noted',
        phase: 'fencing',
        cordonOurs: true,
        rule: 'node-silent',
      },
    },
  },
  {
    claim: 'without a machine interface a dead node is only cordoned',
    node: {
      ...deadNode,
      machine: { state: 'on', ageMs: 0 },
      leaseAgeMs: 16_000,
      standby: { says: 'nobody', ageMs: 0 },
    },
    self: { machineInterface: false },
    step: 'begin',
    more: { remediation: { attempt: ATTEMPT, phase: 'cordoned', cordonOurs: true, rule: 'node-silent' } },
  },
  {
    claim: 'a node that is not Ready is cordoned and drained',
    node: notReady,
    step: 'begin',
    more: { remediation: { attempt: ATTEMPT, phase: 'draining', cordonOurs: true, rule: 'node-not-ready' } },
  },
  {
    claim: 'an answering kubelet is never fenced, whatever its lease says',
    node: { ...healthyNode, leaseAgeMs: 100_000 },
    step: 'cordon',
    rule: CUT_OFF_RULE,
    more: { remediation: { attempt: ATTEMPT, phase: 'cordoned', cordonOurs: true, rule: CUT_OFF_RULE } },
  },
  {
    claim: 'a node that is cut off and may not be cordoned now is told all the same',
    node: { ...healthyNode, leaseAgeMs: 100_000 },
    fleet: { inFlight: [{ node: 'node-2', zone: 'zone-2' }] },
    step: 'rest',
    verdict: 'refused',
    rule: 'cut-off',
  },
  {
    claim: 'cut off: a cordoned node is left to a person',
    node: { ...healthyNode, leaseAgeMs: 100_000, ...cutOff },
    step: 'rest',
    verdict: 'refused',
    rule: 'cut-off',
  },
  {
    claim:
      'cut off: a node that falls silent then is treated in its turn, under the name that people know and with our cordon',
    node: { ...deadNode, ...cutOff },
    fleet: { attempt: 'node-1.11111111.other' },
    step: 'begin',
    more: { remediation: { attempt: ATTEMPT, phase: 'fencing', cordonOurs: true, rule: 'node-silent' } },
  },
  {
    claim: 'cut off: a node that falls silent waits for others under treatment',
    node: { ...deadNode, ...cutOff },
    fleet: { inFlight: [{ node: 'node-2', zone: 'zone-2' }] },
    step: 'rest',
    verdict: 'refused',
  },
  {
    claim: 'cut off: a node that is back has its cordon taken back',
    node: { ...healthyNode, ...cutOff },
    step: 'cancel',
    more: { outcome: 'recovered' },
  },

  {
    claim:
      'a person who takes our cordon away and sets their own ends the treatment like one who leaves it away',
    node: { ...deadNode, ...treated('fencing'), cordonLifted: true },
    step: 'cancel',
    rule: 'person-uncordoned',
    more: { outcome: 'person' },
  },
  {
    claim: 'an owner who opts out before the machine was touched ends the treatment',
    node: { ...deadNode, ...treated('fencing'), foreignMarker: { rule: 'opt-out', detail: 'label' } },
    step: 'cancel',
    rule: 'withdrawn',
    more: { outcome: 'withdrawn' },
  },
  {
    claim: 'a node that answers gets our cordon back also when its owner opts out while healing is suspended',
    node: { ...healthyNode, ...cutOff, foreignMarker: { rule: 'opt-out', detail: 'label' } },
    fleet: { staleLeases: 3, leases: 5, suspended: '3 of 5 node leases went stale together' },
    step: 'cancel',
    rule: 'withdrawn',
  },
  {
    claim: 'once the machine was fenced its treatment is finished, whoever opts out',
    node: {
      ...deadNode,
      ...treated('fencing'),
      foreignMarker: { rule: 'opt-out', detail: 'label' },
      fence: { attempt: ATTEMPT, provedAgoMs: 10 },
      pods: [web],
    },
    step: 'evacuate',
  },
  {
    claim: 'fencing: the power goes off before any pod is touched',
    node: { ...deadNode, ...treated('fencing'), pods: [web] },
    step: 'fence',
    more: { attempt: ATTEMPT },
  },
  {
    claim: 'fencing: a machine that is off by itself is fenced all the same',
    node: { ...deadNode, ...treated('fencing') },
    step: 'fence',
  },
  {
    claim: 'fencing: after a refusal of the machine interface its wait is kept',
    node: { ...deadNode, ...treated('fencing'), fence: { attempt: ATTEMPT }, retriesInMs: { fence: 700 } },
    step: 'rest',
    afterMs: 700,
  },
  {
    claim: 'fencing: a proof of another attempt is none',
    node: {
      ...deadNode,
      ...treated('fencing'),
      fence: { ...proof, attempt: 'node-1.11111111.0' },
      pods: [web],
    },
    step: 'fence',
  },
  {
    claim: 'fencing: with the proof the pods go',
    node: {
      ...deadNode,
      ...treated('fencing'),
      fence: proof,
      pods: [web, pod('ds', { stays: 'daemonset' }), pod('static', { stays: 'mirror' })],
    },
    step: 'evacuate',
    more: { pods: [web] },
  },
  {
    claim: 'fencing: critical pods and our own are dead as well and go',
    node: { ...deadNode, ...treated('fencing'), fence: proof, pods: [pod('dns', { critical: true })] },
    step: 'evacuate',
  },
  {
    claim: 'fencing: pods that were deleted with a grace go for good',
    node: { ...deadNode, ...treated('fencing'), fence: proof, pods: [pod('slow', { terminating: true })] },
    step: 'evacuate',
  },
  {
    claim: 'fencing: a pod that only a finalizer holds needs nothing more',
    node: {
      ...deadNode,
      ...treated('fencing'),
      fence: proof,
      pods: [pod('job', { terminating: true, forced: true })],
    },
    step: 'advance',
    more: { phase: 'replacing', taint: true },
  },
  {
    claim: 'fencing: pods are not believed gone from a cache',
    node: { ...deadNode, ...treated('fencing'), fence: proof, live: false, pods: [] },
    step: 'look',
  },
  {
    claim: 'fencing: when the pods are gone, taint and next phase are one write',
    node: { ...deadNode, ...treated('fencing'), fence: proof, pods: [] },
    step: 'advance',
    more: { phase: 'replacing', taint: true },
  },
  {
    claim: 'fencing: a kubelet that answers after the proof takes it back',
    node: { ...deadNode, ...treated('fencing'), kubelet: answering(20), fence: proof, pods: [web] },
    step: 'unprove',
    rule: 'powered-on-again',
  },
  ...(['fencing', 'replacing'] as const).flatMap((phase) =>
    [49, 50].map((ageMs): Case => {
      const machine = { state: 'on', ageMs } as const;
      const node = { ...deadNode, ...treated(phase), machine, fence: proof, pods: [web] };
      const later = ageMs < proof.provedAgoMs;
      return {
        claim: `${phase}: a machine that was on ${ageMs} ms ago ${later ? 'takes the proof back' : 'was on before the proof'}`,
        node,
        step: later ? 'unprove' : 'evacuate',
      };
    }),
  ),
  {
    claim: 'replaced: the old name is on again, which may be the new machine',
    node: { ...deadNode, ...treated('replaced'), machine: { state: 'on', ageMs: 1 }, fence: proof, pods: [] },
    step: 'rest',
  },
  ...[2, 3].map((voided): Case => {
    const node = { ...deadNode, ...treated('fencing', { voided }) };
    const claim = `fencing: a machine that was on again after ${voided} power-offs`;
    return voided < policy.budgetPerNode
      ? {
          claim: `${claim} is powered off under another name`,
          node,
          step: 'fence',
          more: { attempt: `${ATTEMPT}.2` },
        }
      : {
          claim: `${claim} is left to a person`,
          node,
          step: 'rest',
          verdict: 'refused',
          rule: 'powered-on-again',
        };
  }),
  {
    claim: 'fencing: a kubelet that answers again before the proof is watched first',
    node: { ...healthyNode, ...treated('fencing'), kubelet: answering(500) },
    step: 'rest',
    rule: 'answers-again',
    afterMs: 1500,
  },
  {
    claim: 'fencing: a kubelet that answers for long enough before the proof calls it off',
    node: { ...healthyNode, ...treated('fencing'), kubelet: answering(2000) },
    step: 'cancel',
    more: { outcome: 'recovered' },
  },
  ...(['cordoned', 'draining', 'fencing', 'replaced'] as const).map((phase): Case => ({
    claim: `${phase}: what the kubelet answered before the record is no sign of life, and it is asked often`,
    node: { ...healthyNode, ...treated(phase, { replacement: healthyNode.name }), recordedForMs: 1000 },
    step: 'rest',
    afterMs: 1000,
    probeEveryMs: policy.suspectProbeEveryMs,
  })),
  {
    claim:
      'fencing: an answer since the record, of a kubelet that has answered for long before it, is watched as long as any',
    node: { ...healthyNode, ...treated('fencing'), kubelet: answering(60_000), recordedForMs: 1999 },
    step: 'rest',
    rule: 'answers-again',
    afterMs: 1,
  },
  {
    claim: 'fencing: a node that is only suspect after a restart is not fenced',
    node: { ...deadNode, ...treated('fencing'), machine: { state: 'on', ageMs: 0 }, leaseAgeMs: 5000 },
    step: 'rest',
  },
  {
    claim: 'fencing: without a machine interface nothing is pretended',
    node: { ...deadNode, ...treated('fencing') },
    self: { machineInterface: false },
    step: 'rest',
    verdict: 'refused',
    rule: 'no-machine-interface',
  },

  {
    claim: 'replacing: the replacement is asked for when the node is empty',
    node: { ...deadNode, ...treated('replacing'), fence: proof, pods: [] },
    step: 'replace',
    more: { attempt: ATTEMPT },
  },
  {
    claim: 'replacing: pods that were bound meanwhile go first',
    node: { ...deadNode, ...treated('replacing'), fence: proof, pods: [web] },
    step: 'evacuate',
  },
  {
    claim: 'replacing: after a restart a fresh word of the machine interface is proof enough',
    node: { ...deadNode, ...treated('replacing'), pods: [] },
    step: 'replace',
  },
  {
    claim: 'replacing: after a restart without a fresh word the power-off is proved again',
    node: {
      ...deadNode,
      ...treated('replacing'),
      machine: { state: 'on', ageMs: policy.machineFreshMs },
      pods: [web],
    },
    step: 'fence',
  },
  ...[5000, 5001].map((ageMs): Case => {
    const step = ageMs <= policy.machineFreshMs ? 'replace' : 'fence';
    const node = {
      ...deadNode,
      ...treated('replacing'),
      machine: { state: 'off', ageMs },
      pods: [],
    } as const;
    return { claim: `replacing: a word of ${ageMs} ms leads to ${step}`, node, step };
  }),
  {
    claim: 'replacing: a proof of our own needs no other word',
    node: { ...deadNode, ...treated('replacing'), fence: proof, machine: unknown, pods: [] },
    step: 'replace',
  },
  {
    claim: 'replacing: a proof of another attempt is none',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: { ...proof, attempt: 'node-1.11111111.0' },
      machine: unknown,
      pods: [],
    },
    step: 'fence',
  },
  {
    claim: 'replacing: without proof and without a machine interface nothing is pretended',
    node: { ...deadNode, ...treated('replacing'), machine: unknown, pods: [] },
    self: { machineInterface: false },
    step: 'rest',
    verdict: 'refused',
    rule: 'no-machine-interface',
  },
  ...[0, 1, 700].map((retryInMs): Case => {
    const fence = { attempt: ATTEMPT };
    const retriesInMs = { fence: retryInMs };
    const node = { ...deadNode, ...treated('replacing'), fence, retriesInMs, machine: unknown, pods: [] };
    const claim = `replacing: a power-off that was refused is tried again after ${retryInMs} ms`;
    return retryInMs === 0
      ? { claim, node, step: 'fence' }
      : { claim, node, step: 'rest', afterMs: retryInMs };
  }),
  ...[49, 50, 100].map((answeredAgoMs): Case => {
    const kubelet = { failuresInRow: 0, answeredAgoMs };
    const node = { ...deadNode, ...treated('replacing'), kubelet, fence: proof, pods: [] };
    const stops = answeredAgoMs < proof.provedAgoMs;
    const claim = `replacing: an answer ${answeredAgoMs} ms ago ${stops ? 'stops' : 'is older than the proof, and stops'}`;
    return stops
      ? { claim: `${claim} everything`, node, step: 'rest', verdict: 'refused', rule: 'powered-on-again' }
      : { claim: `${claim} nothing`, node, step: 'replace' };
  }),
  {
    claim: 'replacing: after a restart a machine that is on takes the proof of whoever led back',
    node: { ...deadNode, ...treated('replacing'), machine: { state: 'on', ageMs: 100 }, pods: [web] },
    step: 'unprove',
  },
  {
    claim: 'replacing: what the machine interface said before the record is no word against the proof in it',
    node: {
      ...deadNode,
      ...treated('replacing'),
      machine: { state: 'on', ageMs: 100 },
      recordedForMs: 100,
      pods: [web],
    },
    step: 'fence',
  },
  {
    claim: 'replacing: what the kubelet answered before the record is no word against the proof in it',
    node: {
      ...deadNode,
      ...treated('replacing'),
      kubelet: { failuresInRow: 0, answeredAgoMs: 100 },
      recordedForMs: 100,
      pods: [web],
    },
    step: 'evacuate',
  },
  {
    claim: 'replacing: after a refusal of the machine interface its wait is kept',
    node: { ...deadNode, ...treated('replacing'), fence: proof, pods: [], retriesInMs: { replace: 1234 } },
    step: 'rest',
    afterMs: 1234,
  },
  {
    claim: 'replacing: a wait of a millisecond is one',
    node: { ...deadNode, ...treated('replacing'), fence: proof, pods: [], retriesInMs: { replace: 1 } },
    step: 'rest',
    afterMs: 1,
  },
  ...[499, 500].map((sinceMs): Case => {
    const moving = { sinceMs, unready: 1, unschedulable: 0 };
    const node = { ...deadNode, ...treated('replacing'), fence: proof, pods: [], moving };
    const claim = `replacing: ${sinceMs} ms after the deletion the wait is exact`;
    return { claim, node, step: 'rest', rule: 'moving', afterMs: sinceMs < 500 ? 1 : 500 };
  }),
  {
    claim: 'replacing: the replacement waits while moved pods start',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: proof,
      pods: [],
      moving: { sinceMs: 2000, unready: 1, unschedulable: 0 },
    },
    step: 'rest',
    rule: 'moving',
    afterMs: 500,
  },
  {
    claim: 'replacing: right after the deletion new pods may not exist yet',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: proof,
      pods: [],
      moving: { sinceMs: 100, unready: 0, unschedulable: 0 },
    },
    step: 'rest',
    afterMs: 400,
  },
  {
    claim: 'replacing: when all moved pods are Ready the replacement is asked for',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: proof,
      pods: [],
      moving: { sinceMs: 2000, unready: 0, unschedulable: 0 },
    },
    step: 'replace',
  },
  {
    claim: 'replacing: a moved pod that fits nowhere needs the replacement now',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: proof,
      pods: [],
      moving: { sinceMs: 10, unready: 2, unschedulable: 1 },
    },
    step: 'replace',
  },
  {
    claim: 'replacing: moved pods are not waited for for ever',
    node: {
      ...deadNode,
      ...treated('replacing'),
      fence: proof,
      pods: [],
      moving: { sinceMs: 10_000, unready: 2, unschedulable: 0 },
    },
    step: 'replace',
  },
  {
    claim: 'replaced: the treatment ends when the moved pods are Ready, too',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      fence: proof,
      pods: [],
      replacement: { present: true, ready: true },
      moving: { sinceMs: 20_000, unready: 1, unschedulable: 0 },
    },
    step: 'rest',
    rule: 'moving',
  },
  {
    claim: 'replaced: a replacement that was lost in its turn is waited for no longer',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      fence: proof,
      pods: [],
      replacement: { present: false, ready: false, gone: true },
    },
    step: 'retire',
  },
  {
    claim: 'replaced: waits for the replacement and looks once a second for late pods',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      machine: { state: 'absent', ageMs: 10 },
      pods: [],
      replacement: { present: true, ready: false },
    },
    step: 'rest',
    verdict: 'rest',
    afterMs: 1000,
  },
  {
    claim: 'replaced: late pods go',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      machine: { state: 'absent', ageMs: 10 },
      pods: [web],
    },
    step: 'evacuate',
  },
  {
    claim: 'replaced: an answer at the old address may be the replacement',
    node: {
      ...healthyNode,
      ...treated('replaced', { replacement: 'node-9' }),
      machine: { state: 'absent', ageMs: 10 },
      pods: [],
      replacement: { present: true, ready: true },
    },
    step: 'retire',
  },
  {
    claim: 'replaced: the old node goes last, when the replacement is Ready',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      fence: proof,
      pods: [],
      replacement: { present: true, ready: true },
    },
    step: 'retire',
  },
  {
    claim: 'replaced: a moved pod that may not exist for another millisecond is waited for',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      fence: proof,
      pods: [],
      replacement: { present: true, ready: true },
      moving: { sinceMs: 499, unready: 0, unschedulable: 0 },
    },
    step: 'rest',
    afterMs: 1,
  },
  {
    claim: 'replaced: up to its deadline a replacement is on its way',
    node: { ...deadNode, ...treated('replaced'), remediationAgeMs: 600_000, fence: proof, pods: [] },
    step: 'rest',
    verdict: 'rest',
  },
  {
    claim: 'replaced: a replacement that does not come is told',
    node: {
      ...deadNode,
      ...treated('replaced', { replacement: 'node-9' }),
      remediationAgeMs: 600_001,
      fence: proof,
      pods: [],
    },
    step: 'rest',
    verdict: 'refused',
    rule: 'replacement-late',
  },

  {
    claim: "a person's uncordon cancels before the fence",
    node: { ...deadNode, ...treated('fencing'), unschedulable: false },
    step: 'cancel',
    more: { outcome: 'person' },
  },
  {
    claim: "a person's uncordon cancels a drain",
    node: { ...notReady, ...draining, unschedulable: false },
    step: 'cancel',
    more: { outcome: 'person' },
  },
  {
    claim: "a node with a person's cordon is treated on",
    node: { ...deadNode, ...treated('fencing', { cordonOurs: false }) },
    step: 'fence',
  },
  {
    claim: 'a cancelled treatment does not begin again by itself',
    node: { ...deadNode, ...treated('cancelled', { cordonOurs: false }) },
    step: 'rest',
    verdict: 'refused',
    rule: 'cancelled',
  },
  {
    claim: 'the record of a cancelled treatment goes when the node is healthy',
    node: { ...healthyNode, ...treated('cancelled', { cordonOurs: false }) },
    step: 'forget',
  },

  {
    claim: 'cordoned: a node that answers again gets its cordon taken back',
    node: { ...healthyNode, ...treated('cordoned') },
    self: { machineInterface: false },
    step: 'cancel',
    more: { outcome: 'recovered' },
  },
  {
    claim: 'cordoned: without a machine interface a person is called',
    node: {
      ...deadNode,
      ...treated('cordoned'),
      machine: { state: 'unknown', ageMs: 0 },
      leaseAgeMs: 40_000,
      standby: { says: 'nobody', ageMs: 0 },
    },
    self: { machineInterface: false },
    step: 'rest',
    verdict: 'refused',
    rule: 'no-machine-interface',
  },
  {
    claim: 'cordoned: a machine interface that is there now is used',
    node: { ...deadNode, ...treated('cordoned') },
    step: 'advance',
    more: { phase: 'fencing', taint: false },
  },
  {
    claim: 'cordoned: by policy two signals move the pods',
    node: {
      ...deadNode,
      ...treated('cordoned'),
      machine: { state: 'unknown', ageMs: 0 },
      leaseAgeMs: 30_001,
      standby: { says: 'silent', ageMs: 100 },
      pods: [web],
    },
    self: { machineInterface: false },
    policy: { withoutMachine: 'two-signals' },
    step: 'evacuate',
  },
  {
    claim: 'cordoned: by policy one signal moves nothing',
    node: {
      ...deadNode,
      ...treated('cordoned'),
      machine: { state: 'unknown', ageMs: 0 },
      leaseAgeMs: 30_001,
      pods: [web],
    },
    self: { machineInterface: false },
    policy: { withoutMachine: 'two-signals' },
    step: 'rest',
  },
  {
    claim: 'cordoned: by policy a lease that is only overdue moves nothing',
    node: {
      ...deadNode,
      ...treated('cordoned'),
      machine: { state: 'unknown', ageMs: 0 },
      leaseAgeMs: 29_000,
      standby: { says: 'silent', ageMs: 100 },
      pods: [web],
    },
    self: { machineInterface: false },
    policy: { withoutMachine: 'two-signals' },
    step: 'rest',
    afterMs: 1000,
  },

  {
    claim: 'draining: failing pods leave at once, of the others one',
    node: {
      ...notReady,
      ...draining,
      pods: [pod('a', { failing: true }), pod('b'), pod('c'), pod('d', { failing: true })],
    },
    step: 'drain',
    more: { pods: [pod('a', { failing: true }), pod('d', { failing: true }), pod('b')] },
  },
  {
    claim: 'draining: waits for what was evicted',
    node: { ...notReady, ...draining, pods: [pod('a', { terminating: true })] },
    step: 'rest',
    afterMs: 500,
  },
  {
    claim: 'draining: a node that is Ready again gets its cordon taken back',
    node: { ...healthyNode, ...draining },
    step: 'cancel',
    more: { outcome: 'recovered' },
  },
  {
    claim: 'draining: a node that falls silent is fenced',
    node: { ...deadNode, ...draining },
    step: 'advance',
    more: { phase: 'fencing', taint: false },
  },
  {
    claim: 'draining: at the deadline the node is fenced',
    node: { ...notReady, ...draining, remediationAgeMs: 30_000, pods: [web] },
    step: 'advance',
    more: { phase: 'fencing', taint: false },
  },
  {
    claim: 'draining: policy may forbid fencing a node that answers',
    node: { ...notReady, ...draining, remediationAgeMs: 30_000, pods: [web] },
    policy: { fenceAfterDrain: false },
    step: 'rest',
    verdict: 'refused',
    rule: 'drain-deadline',
  },
  {
    claim: 'fencing after a drain: the kubelet may answer',
    node: { ...notReady, ...treated('fencing', { rule: 'node-not-ready' }) },
    step: 'fence',
  },
  {
    claim: 'fencing after a drain: a node that is Ready again is spared',
    node: { ...healthyNode, ...treated('fencing', { rule: 'node-not-ready' }) },
    step: 'cancel',
  },
];

for (const each of CASES) {
  test(each.claim, () => {
    const plan = planNode(
      each.node,
      { ...calmFleet, ...each.fleet },
      { ...self, ...each.self },
      { ...policy, ...each.policy },
    );
    const told = `${plan.rule}: ${plan.reason} ${JSON.stringify(plan.guards.filter(({ ok }) => !ok))}`;
    assert.equal(plan.step.kind, each.step, told);
    if (each.verdict !== undefined) assert.equal(plan.verdict, each.verdict, told);
    if (each.rule !== undefined) assert.equal(plan.rule, each.rule);
    if (each.afterMs !== undefined) assert.equal(plan.afterMs, each.afterMs);
    if (each.probeEveryMs !== undefined) assert.equal(plan.assessment.probeEveryMs, each.probeEveryMs);
    if (each.more !== undefined) assert.deepEqual(plan.step, { kind: each.step, ...each.more });
  });
}

test('no step is ever taken from a cache', () => {
  for (const each of CASES) {
    const plan = planNode(
      { ...each.node, live: false },
      { ...calmFleet, ...each.fleet },
      { ...self, ...each.self },
      { ...policy, ...each.policy },
    );
    assert.ok(['rest', 'look'].includes(plan.step.kind), `${each.claim}: ${plan.step.kind}`);
  }
});

test('whoever waits for a replacement says for which', () => {
  const reason = (more: Parameters<typeof treated>[1]): string =>
    planNode({ ...deadNode, ...treated('replaced', more), fence: proof, pods: [] }, calmFleet, self, policy)
      .reason;
  assert.equal(reason({ replacement: 'node-9' }), 'waiting for node-9 to become Ready');
  assert.equal(reason({}), 'waiting for the replacement to become Ready');
});

test('a drain leaves mirror, DaemonSet, critical and our own pods', () => {
  const pods = [
    pod('mirror', { stays: 'mirror', failing: true }),
    pod('ds', { stays: 'daemonset' }),
    pod('dns', { critical: true, failing: true }),
  ];
  assert.deepEqual(nextToDrain(pods), []);
});

test('every wait is positive, so that no plan spins', () => {
  for (const each of CASES) {
    const plan = planNode(
      each.node,
      { ...calmFleet, ...each.fleet },
      { ...self, ...each.self },
      { ...policy, ...each.policy },
    );
    if (plan.verdict === 'rest' || plan.verdict === 'refused') assert.ok(plan.afterMs >= 1, each.claim);
  }
});

test('silence of the kubelet alone does nothing', () => {
  const plan = planNode({ ...healthyNode, kubelet: silentKubelet }, calmFleet, self, policy);
  assert.equal(plan.step.kind, 'rest');
});
