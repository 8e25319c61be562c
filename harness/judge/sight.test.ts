import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry, ObserverState } from '../core/journal/journal.ts';
import type { Claim } from './check.ts';
import { judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
  type Story,
  type Timed,
} from './testing/synthetic-trial.ts';

const HEALER = 'system:serviceaccount:firedrill-system:firedrill-healer';

/** A trial in which a claim of a kind is held. */
interface HeldTrial {
  readonly entries: readonly Entry[];
  /** Whose silence it rests on. */
  readonly events: readonly string[];
  /** Whose samples it rests on. */
  readonly samples: readonly Entry['kind'][];
  /** A moment of the time that the claim speaks of, in milliseconds after effective. */
  readonly sinceMs: number;
}

function alertTrial(
  claim: Claim['claim'],
  states: readonly (readonly [number, 'firing' | 'resolved'])[],
): Entry[] {
  const events = states.map(([sinceMs, state]) =>
    at(EFFECTIVE_MS + sinceMs, {
      kind: 'alert',
      source: 'prometheus',
      name: 'NodeSilent',
      state,
      labels: {},
    }),
  );
  return withEntries(
    synthesise({ claim: { claim, sloId: 'NodeSilent', query: '', stableForMs: 2_000, withinMs: 15_000 } }),
    events,
  );
}

function claimed(claim: Story['claim'], started: readonly string[]): Entry[] {
  return withEntries(
    synthesise({ outages: [], claim: claim ?? {} }),
    started.map((observer) => state(-12_000, observer, 'started')),
  );
}

function state(sinceMs: number, observer: string, state: ObserverState['state'], gap: object = {}): Timed {
  return at(EFFECTIVE_MS + sinceMs, { kind: 'observer', observer, state, ...gap });
}

function fencedTrial(): Entry[] {
  const atMs = EFFECTIVE_MS + 3_000;
  return withEntries(
    claimed({ claim: 'fenced-first', query: '', withinMs: 20_000 }, ['api.audit', 'machine']),
    [
      at(REQUESTED_MS - 5_000, {
        kind: 'watch',
        change: 'added',
        object: 'Pod',
        namespace: 'storefront',
        name: 'web-1',
        uid: 'web-1',
        facts: { node: 'node-2' },
      }),
      at(atMs, {
        kind: 'machine',
        call: 'powerOff',
        node: 'node-2',
        caller: 'healer',
        result: 'ok',
        callWallMs: atMs + WALL_AHEAD_MS,
      }),
      at(atMs + 150, {
        kind: 'api.audit',
        user: HEALER,
        verb: 'delete',
        resource: 'pods',
        namespace: 'storefront',
        name: 'web-1',
        code: 200,
        stageWallMs: atMs + 110 + WALL_AHEAD_MS,
        receivedWallMs: atMs + 100 + WALL_AHEAD_MS,
      }),
    ],
  );
}

const CLOCKS = ['probe.sample', 'promql.series'] as const;

/** One for each kind of claim: a new kind does not compile until it says what it rests on. */
const HELD: Readonly<Record<Claim['claim'], HeldTrial>> = {
  'recover-within': { entries: synthesise(), events: [], samples: CLOCKS, sinceMs: 8_500 },
  'hold-while': {
    entries: claimed({ claim: 'hold-while', withinMs: 20_000 }, []),
    events: [],
    samples: CLOCKS,
    sinceMs: 18_000,
  },
  'capacity-within': {
    entries: withEntries(synthesise({ claim: { claim: 'capacity-within', query: '', withinMs: 8_000 } }), [
      state(-12_000, 'watch', 'started'),
    ]),
    events: ['watch'],
    samples: [],
    // All are Ready after 5.6 s; that they stay so is part of the claim.
    sinceMs: 9_500,
  },
  'fire-within': {
    entries: alertTrial('fire-within', [[12_300, 'firing']]),
    events: ['alerts'],
    samples: [],
    // It has to be seen that it was not firing before.
    sinceMs: 0,
  },
  'resolve-within': {
    entries: alertTrial('resolve-within', [
      [2_000, 'firing'],
      [14_000, 'resolved'],
    ]),
    events: ['alerts'],
    samples: [],
    sinceMs: 15_500,
  },
  'stay-silent': {
    entries: claimed(
      {
        claim: 'stay-silent',
        query: '',
        withinMs: 20_000,
        sloId: 'healer actions',
        subject: { healer: 'actions' },
      },
      ['api.audit', 'machine'],
    ),
    events: ['healer', 'api.audit', 'machine'],
    samples: [],
    sinceMs: 19_000,
  },
  'fenced-first': { entries: fencedTrial(), events: ['api.audit', 'machine'], samples: [], sinceMs: 19_000 },
  assertion: {
    entries: synthesise({ claim: { claim: 'assertion', sloId: 'assertion' } }),
    events: [],
    samples: [],
    sinceMs: 1_000,
  },
};

/** Every way in which an observer of events can be blind around a moment. */
const BLINDNESS: Readonly<
  Record<string, (entries: readonly Entry[], observer: string, sinceMs: number) => Entry[]>
> = {
  'had a gap': (entries, observer, sinceMs) =>
    withEntries(entries, [
      state(sinceMs + 3_000, observer, 'gap', {
        reason: 'reset',
        fromMonoMs: EFFECTIVE_MS + sinceMs - 100,
        toMonoMs: EFFECTIVE_MS + sinceMs + 100,
      }),
    ]),
  // Told at once, and never again.
  'lost its connection for good': (entries, observer, sinceMs) =>
    withEntries(entries, [
      state(sinceMs - 100, observer, 'gap', { reason: 'reset', fromMonoMs: EFFECTIVE_MS + sinceMs - 400 }),
    ]),
  'was stopped': (entries, observer, sinceMs) =>
    withEntries(entries, [state(sinceMs - 100, observer, 'stopped')]),
  'was stopped and started again': (entries, observer, sinceMs) =>
    withEntries(entries, [
      state(sinceMs - 100, observer, 'stopped'),
      state(sinceMs + 100, observer, 'started'),
    ]),
  'was started too late': (entries, observer, sinceMs) =>
    withEntries(withoutStates(entries, observer), [state(sinceMs + 100, observer, 'started')]),
};

function withoutStates(entries: readonly Entry[], observer: string): Entry[] {
  return mapEntries(entries, (entry) =>
    entry.kind === 'observer' && entry.observer === observer ? undefined : entry,
  );
}

function outcomeOf(entries: readonly Entry[]): string {
  const finding = judge(entries).findings.find(({ claimId }) => claimId === 'c1');
  return `${finding?.outcome}: ${finding?.reason}`;
}

describe('a claim is held only where its observers were looking for all of its time', () => {
  for (const [kind, { entries, events, samples, sinceMs }] of Object.entries(HELD)) {
    it(`${kind} is held to begin with`, () => assert.match(outcomeOf(entries), /^held/));
    for (const observer of events)
      for (const [how, blinded] of Object.entries(BLINDNESS))
        it(`${kind} is not where ${observer} ${how}`, () =>
          assert.match(outcomeOf(blinded(entries, observer, sinceMs)), /^inconclusive: .*the observer "/));
    for (const sample of samples) {
      const lost = (fromMs: number, toMs: number): Entry[] =>
        mapEntries(entries, (entry) => {
          const sinceEffectiveMs = entry.monoMs - EFFECTIVE_MS;
          return entry.kind === sample && sinceEffectiveMs > fromMs && sinceEffectiveMs < toMs
            ? undefined
            : entry;
        });
      it(`${kind} is not where ${sample}s are missing, have stopped or never came`, () => {
        assert.match(outcomeOf(lost(sinceMs - 1_500, sinceMs + 1_500)), /^inconclusive/);
        assert.match(outcomeOf(lost(sinceMs, Number.POSITIVE_INFINITY)), /^inconclusive/);
        assert.match(outcomeOf(lost(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)), /^inconclusive/);
      });
    }
  }

  it('and an observer that was never started has seen nothing', () => {
    const { entries } = HELD['resolve-within'];
    assert.match(outcomeOf(withoutStates(entries, 'alerts')), /^inconclusive: .*nobody watched/);
  });

  it('and a target that was set up and never asked is not one whose users are well', () => {
    const entries = withEntries(synthesise(), [state(-11_000, 'probe:api', 'started')]);
    assert.match(outcomeOf(entries), /^inconclusive: .*the probe sent no request/);
  });
});

describe('a gap', () => {
  const capacity = HELD['capacity-within'].entries;
  const told = (sinceMs: number, gap: object): Timed => state(sinceMs, 'watch:Pod', 'gap', gap);
  const from = { fromMonoMs: EFFECTIVE_MS + 15_000 };

  it('that is over when the time of the claim begins does not matter, whenever it was told', () => {
    const before = { fromMonoMs: EFFECTIVE_MS - 8_000 };
    const closed = { ...before, toMonoMs: EFFECTIVE_MS - 5_000 };
    const entries = withEntries(capacity, [told(-7_000, before), told(-5_000, closed)]);
    assert.match(outcomeOf(entries), /^held/);
  });

  it('that begins when the time of the claim is over does not matter', () => {
    assert.match(outcomeOf(withEntries(capacity, [told(15_500, from)])), /^held/);
  });

  it('of a watch is told by a note in older journals, until it is over', () => {
    const note = at(EFFECTIVE_MS + 7_000, { kind: 'note', text: 'the watch of Pod is blind: refused' });
    assert.match(outcomeOf(withEntries(capacity, [note])), /^inconclusive: .*gap: refused/);
    const other = at(EFFECTIVE_MS + 7_000, { kind: 'note', text: 'the watch of Node is blind: refused' });
    assert.match(outcomeOf(withEntries(capacity, [other])), /^held/);
  });

  it('that is still open leaves a violation open, too', () => {
    const never = withEntries(
      synthesise({
        claim: { claim: 'capacity-within', query: '', withinMs: 8_000 },
        capacityAtMs: Number.POSITIVE_INFINITY,
      }),
      [told(4_000, { fromMonoMs: EFFECTIVE_MS + 3_000, reason: 'refused' })],
    );
    assert.match(outcomeOf(never), /^inconclusive: .*gap: refused/);
  });
});
