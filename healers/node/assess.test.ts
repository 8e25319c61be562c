import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthyNode, policy, self, silentKubelet } from '../testing/facts.ts';
import { assess, type Health } from './assess.ts';
import type { SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';

interface Case {
  readonly claim: string;
  readonly node?: Partial<NodeFacts>;
  readonly self?: Partial<SelfFacts>;
  readonly health: Health;
  readonly probeEveryMs?: number;
  readonly nextMs?: number;
  readonly askStandby?: boolean;
  readonly askWitnesses?: boolean;
}

const silent = { kubelet: silentKubelet } as const;
/** What two witnesses of a small cluster say of all of a silence of 6 s. */
const testimony = {
  ...{ alive: false, silent: 2, needed: 2, elsewhere: true },
  ...{ ageMs: 50, askedAgoMs: 5700 },
} as const;
const witnessed = (more: Partial<NonNullable<NodeFacts['witnesses']>> = {}): Partial<NodeFacts> => ({
  ...silent,
  leaseAgeMs: 9000,
  witnesses: { ...testimony, ...more },
});
const answered = (more: Partial<NodeFacts['kubelet']> = {}) => ({
  kubelet: { failuresInRow: 0, answeredAgoMs: 100, answeringForMs: 5000, ...more },
});

const CASES: readonly Case[] = [
  {
    claim: 'a node that answers and is Ready is healthy, and looked at again when its lease would be overdue',
    health: 'healthy',
    probeEveryMs: 5000,
    nextMs: 8001,
  },
  {
    claim: 'one missed answer is a suspicion only',
    node: { kubelet: { failuresInRow: 1, silentForMs: 500 } },
    health: 'suspect',
    probeEveryMs: 500,
  },
  {
    claim: 'two missed answers are a suspicion only, machine off or not',
    node: { kubelet: { failuresInRow: 2 }, machine: { state: 'off', ageMs: 10 } },
    health: 'suspect',
    probeEveryMs: 200,
  },
  {
    claim: 'three missed answers and a machine that is off are silence',
    node: { ...silent, machine: { state: 'off', ageMs: 10 } },
    health: 'silent',
  },
  {
    claim: 'an old word of the machine interface is no witness',
    node: { ...silent, machine: { state: 'off', ageMs: 5001 } },
    health: 'suspect',
  },
  {
    claim: 'an unknown machine state is no witness',
    node: { ...silent, machine: { state: 'unknown', ageMs: 10 } },
    health: 'suspect',
  },
  {
    claim: 'a machine that is absent is no witness',
    node: { ...silent, machine: { state: 'absent', ageMs: 10 } },
    health: 'suspect',
  },
  {
    claim: 'a silent kubelet whose lease is renewed is unreachable for us only',
    node: { ...silent, leaseAgeMs: 12_000 },
    health: 'suspect',
    nextMs: 1,
    askStandby: true,
  },
  {
    claim: 'a kubelet that was silent for long while its lease was renewed is asked at the calm pace',
    node: { kubelet: { failuresInRow: 99, silentForMs: 30_001 }, leaseAgeMs: 100 },
    health: 'suspect',
    probeEveryMs: 5000,
    askStandby: false,
  },
  {
    claim: 'a lease that is overdue asks the other healer first',
    node: { ...silent, leaseAgeMs: 12_001 },
    health: 'suspect',
    askStandby: true,
  },
  {
    claim: 'before the other healer was asked nothing is silent, however old the lease',
    node: { ...silent, leaseAgeMs: 500_000 },
    health: 'suspect',
    askStandby: true,
  },
  {
    claim: 'a lease that is overdue and the other healer make silence',
    node: { ...silent, leaseAgeMs: 12_001, standby: { says: 'silent', ageMs: 3000 } },
    health: 'silent',
  },
  {
    claim: 'an old answer of the other healer does not count',
    node: { ...silent, leaseAgeMs: 12_001, standby: { says: 'silent', ageMs: 3001 } },
    health: 'suspect',
  },
  {
    claim: 'another healer that hears the kubelet forbids silence however old the lease',
    node: { ...silent, leaseAgeMs: 500_000, standby: { says: 'alive', ageMs: 100 } },
    health: 'suspect',
    askStandby: true,
  },
  {
    claim: 'where another healer does not answer, the lease has to be older',
    node: { ...silent, leaseAgeMs: 15_000, standby: { says: 'unknown', ageMs: 10 } },
    health: 'suspect',
    nextMs: 1,
  },
  {
    claim: 'where another healer does not answer, an older lease is enough',
    node: { ...silent, leaseAgeMs: 15_001, standby: { says: 'unknown', ageMs: 10 } },
    health: 'silent',
  },
  {
    claim: 'where there is nobody to ask, the lease has to be a little older',
    node: { ...silent, leaseAgeMs: 13_000, standby: { says: 'nobody', ageMs: 10 } },
    health: 'suspect',
    nextMs: 1,
  },
  {
    claim: 'where there is nobody to ask, a lease a little older is enough',
    node: { ...silent, leaseAgeMs: 13_001, standby: { says: 'nobody', ageMs: 10 } },
    health: 'silent',
  },
  {
    claim: 'without another healer, and where no other kubelet answers either, the silence may be our own',
    node: {
      kubelet: { ...silentKubelet, othersHeardSince: false },
      leaseAgeMs: 60_000,
      standby: { says: 'nobody', ageMs: 10 },
    },
    health: 'suspect',
    nextMs: 500,
  },
  ...([12_000, 12_001] as const).map((leaseAgeMs): Case => {
    const kubelet = { ...silentKubelet, silentForMs: 5599 };
    const claim = `whoever is silent for no longer than a pause is not silent, with a lease of ${leaseAgeMs} ms`;
    return {
      claim,
      node: { kubelet, leaseAgeMs, standby: { says: 'silent', ageMs: 0 } },
      health: 'suspect',
      nextMs: 1,
    };
  }),
  {
    claim: 'witnesses that saw nothing for all of a silence decide, however young the lease',
    node: witnessed(),
    health: 'silent',
  },
  { claim: 'too few witnesses leave it to the lease', node: witnessed({ silent: 1 }), health: 'suspect' },
  {
    claim: 'of three witnesses that are needed, two leave it to the lease',
    node: witnessed({ needed: 3 }),
    health: 'suspect',
  },
  {
    claim: 'one witness that hears it outweighs the others',
    node: witnessed({ alive: true }),
    health: 'suspect',
  },
  {
    claim: 'witnesses that are all in its own zone leave it to the lease',
    node: witnessed({ elsewhere: false }),
    health: 'suspect',
  },
  { claim: 'testimony of 3 s ago still counts', node: witnessed({ ageMs: 3000 }), health: 'silent' },
  { claim: 'older testimony does not', node: witnessed({ ageMs: 3001 }), health: 'suspect' },
  {
    claim: 'witnesses that were asked before this silence began say nothing of it',
    node: witnessed({ askedAgoMs: 6001 }),
    health: 'suspect',
  },
  {
    claim: 'witnesses or not, a silence is longer than a pause',
    node: { ...witnessed({ askedAgoMs: 5500 }), kubelet: { ...silentKubelet, silentForMs: 5599 } },
    health: 'suspect',
  },
  {
    claim: 'a lease that was renewed during the silence is life',
    node: { ...witnessed(), leaseAgeMs: 5000 },
    health: 'suspect',
  },
  {
    claim: 'a renewal that may only be heard of late is none',
    node: { ...witnessed(), leaseAgeMs: 5001 },
    health: 'silent',
  },
  {
    claim: 'witnesses do not decide about a node whose whole zone is unheard',
    node: { ...witnessed(), zoneView: { heard: false, unasked: [], off: false } },
    health: 'suspect',
  },
  {
    claim: 'an answer that takes too long calls the witnesses before it counts as missed',
    node: { kubelet: { failuresInRow: 0, answeredAgoMs: 400, answeringForMs: 9000, waitingForMs: 200 } },
    health: 'healthy',
    askWitnesses: true,
  },
  { claim: 'a healthy node needs no witnesses', health: 'healthy', askWitnesses: false },
  { claim: 'a silent one does', node: silent, health: 'suspect', askWitnesses: true },
  {
    claim: 'one that was never heard needs none',
    node: { kubelet: { failuresInRow: 3, silentForMs: 900 } },
    health: 'suspect',
    askWitnesses: false,
  },
  {
    claim: 'nor does one whose lease is renewed for long',
    node: { kubelet: { ...silentKubelet, silentForMs: 30_001 } },
    health: 'suspect',
    askWitnesses: false,
  },
  {
    claim: 'nor one whose machine is off',
    node: { ...silent, machine: { state: 'off', ageMs: 10 } },
    health: 'silent',
    askWitnesses: false,
  },
  {
    claim: 'nor one that is not ours to treat',
    node: { ...silent, foreignMarker: { rule: 'opt-out', detail: 'label' } },
    health: 'suspect',
    askWitnesses: false,
  },
  {
    claim: 'nothing is silent while our own API access is doubtful, whatever witnesses say',
    node: witnessed(),
    self: { apiAgeMs: 3001 },
    health: 'suspect',
  },
  {
    claim: 'nothing is silent while our own API access is doubtful',
    node: { ...silent, machine: { state: 'off', ageMs: 10 } },
    self: { apiAgeMs: 3001 },
    health: 'suspect',
  },
  {
    claim: 'a node without a lease is not overdue',
    node: { ...healthyNode, ...silent, leaseAgeMs: undefined } as unknown as NodeFacts,
    health: 'suspect',
  },
  ...(['Unknown', 'False', 'missing'] as const).flatMap((ready): readonly Case[] => {
    const lost = (silentForMs: number) =>
      ({
        ready,
        leaseAgeMs: undefined,
        kubelet: { ...silentKubelet, silentForMs },
      }) as unknown as Partial<NodeFacts>;
    const claim = `a node without a lease whose Ready is ${ready}`;
    return [
      { claim: `${claim} is suspect at first`, node: lost(29_999), health: 'suspect', nextMs: 1 },
      { claim: `${claim} is left to people`, node: lost(30_000), health: 'unwitnessed' },
      {
        claim: `${claim} is not left to people while it is new`,
        node: { ...lost(30_000), seenReady: false, ageMs: 599_999 },
        health: 'suspect',
      },
    ];
  }),
  ...([40_000, 4000, 100_000] as const).flatMap((leaseDurationMs): readonly Case[] => {
    const overdueMs = leaseDurationMs === 100_000 ? 30_000 : 12_000;
    const claim = `a lease of ${leaseDurationMs} ms`;
    const cutOff = (leaseAgeMs: number) => ({ ...answered(), leaseDurationMs, leaseAgeMs });
    return [
      {
        claim: `${claim} is not overdue at ${overdueMs} ms`,
        node: cutOff(overdueMs),
        health: 'healthy',
        nextMs: 1,
      },
      { claim: `${claim} is overdue after ${overdueMs} ms`, node: cutOff(overdueMs + 1), health: 'cut-off' },
    ];
  }),
  {
    claim: 'a machine that is said to be off has its kubelet asked in a burst',
    node: { machine: { state: 'off', ageMs: 10 }, kubelet: { failuresInRow: 0, answeredAgoMs: 4000 } },
    health: 'suspect',
    probeEveryMs: 200,
  },
  {
    claim: 'a kubelet that answered after its machine was said to be off lives',
    node: { machine: { state: 'off', ageMs: 900 }, ...answered() },
    health: 'suspect',
    probeEveryMs: 500,
  },
  {
    claim: 'a kubelet that answers while its lease is overdue is cut off from the API server, not dead',
    node: { ...answered(), leaseAgeMs: 12_001 },
    health: 'cut-off',
  },
  {
    claim: 'an overdue lease and an old answer of the kubelet are looked into first',
    node: { ...answered({ answeredAgoMs: 1001 }), leaseAgeMs: 12_001 },
    health: 'suspect',
    probeEveryMs: 500,
  },
  {
    claim: 'Ready=Unknown with a kubelet that answers is cut off, too',
    node: { ...answered(), ready: 'Unknown' },
    health: 'cut-off',
  },
  {
    claim: 'Ready=False with a kubelet that answers is not ready',
    node: { ...answered(), ready: 'False' },
    health: 'not-ready',
  },
  {
    claim: 'a new node that was never Ready is starting',
    node: { ...answered(), ready: 'False', seenReady: false, ageMs: 599_999 },
    health: 'starting',
  },
  {
    claim: 'a new node that was Ready before is not starting',
    node: { ...answered(), ready: 'False', seenReady: true, ageMs: 3000 },
    health: 'not-ready',
  },
  {
    claim: 'a node that never became Ready is not ready after the grace',
    node: { ...answered(), ready: 'missing', seenReady: false, ageMs: 600_000 },
    health: 'not-ready',
  },
  {
    claim: 'a kubelet that was not asked yet says nothing',
    node: { kubelet: { failuresInRow: 0 }, leaseAgeMs: 20_000 },
    health: 'unasked',
  },
];

for (const each of CASES) {
  test(each.claim, () => {
    const result = assess({ ...healthyNode, ...each.node }, { ...self, ...each.self }, policy);
    assert.equal(result.health, each.health, result.because);
    if (each.probeEveryMs !== undefined) assert.equal(result.probeEveryMs, each.probeEveryMs);
    if (each.nextMs !== undefined) assert.equal(result.nextMs, each.nextMs);
    if (each.askWitnesses !== undefined) assert.equal(result.askWitnesses, each.askWitnesses);
    if (each.askStandby !== undefined) assert.equal(result.askStandby, each.askStandby);
  });
}
