import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlertEvent, Entry, SloClaim } from '../core/journal/journal.ts';
import type { Outcome } from '../core/verdict.ts';
import { given } from '../core/given.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
  type Timed,
} from './testing/synthetic-trial.ts';

function alert(
  sinceMs: number,
  state: AlertEvent['state'],
  labels: Record<string, string> = {},
  source: AlertEvent['source'] = 'prometheus',
): Timed {
  return at(EFFECTIVE_MS + sinceMs, { kind: 'alert', source, name: 'NodeSilent', state, labels });
}

function trialWith(claim: Partial<SloClaim>, events: readonly Timed[]): Entry[] {
  return withEntries(
    synthesise({ claim: { sloId: 'NodeSilent', query: '', stableForMs: 0, withinMs: 15_000, ...claim } }),
    events,
  );
}

function expectFinding(entries: readonly Entry[], outcome: Outcome, reason: RegExp): void {
  const finding = judge(entries).findings.find((one) => one.claimId === 'c1');
  assert.ok(finding);
  assert.equal(finding.outcome, outcome, finding.reason);
  assert.match(finding.reason, reason);
}

const blind = at(EFFECTIVE_MS + 12_000, {
  kind: 'observer',
  observer: 'alerts',
  state: 'gap',
  reason: 'Prometheus was away',
  fromMonoMs: EFFECTIVE_MS + 8_000,
  toMonoMs: EFFECTIVE_MS + 12_000,
});

describe('an alert fires within 15 s', () => {
  const claim = { claim: 'fire-within' } as const;
  const cases: [string, Timed[], Outcome, RegExp][] = [
    [
      'held when it does',
      [alert(9_000, 'pending'), alert(12_300, 'firing')],
      'held',
      /NodeSilent fired after 12\.3 s; allowed 15 s/,
    ],
    [
      'inconclusive when it may have been firing before the fault, which nobody had asked for yet',
      [alert(400, 'firing')],
      'inconclusive',
      /may have been firing before the fault/,
    ],
    [
      'held when it was pending after the fault, however soon it fired',
      [alert(200, 'pending'), alert(800, 'firing')],
      'held',
      /after 800 ms/,
    ],
    [
      'held when it does again, after it had gone before the fault',
      [alert(-5_000, 'firing'), alert(-3_000, 'resolved'), alert(12_300, 'firing')],
      'held',
      /NodeSilent fired after 12\.3 s; allowed 15 s/,
    ],
    ['violated when it does not', [alert(9_000, 'pending')], 'violated', /did not fire within 15 s/],
    ['violated when it comes later', [alert(20_000, 'firing')], 'violated', /fired after 20 s; allowed 15 s/],
    [
      'inconclusive when it comes within one look of the limit',
      [alert(15_400, 'firing')],
      'inconclusive',
      /too close to call/,
    ],
    [
      'inconclusive when it fired before',
      [alert(-3_000, 'firing')],
      'inconclusive',
      /was firing before the fault/,
    ],
    ['inconclusive when nobody looked', [blind], 'inconclusive', /"alerts" has a gap: Prometheus was away/],
  ];
  for (const [name, events, outcome, reason] of cases) {
    it(name, () => expectFinding(trialWith(claim, events), outcome, reason));
  }

  it('inconclusive when alerts were never watched', () => {
    const unwatched = mapEntries(trialWith(claim, []), (entry) =>
      entry.kind === 'observer' ? undefined : entry,
    );
    expectFinding(unwatched, 'inconclusive', /nobody watched/);
  });

  it('counts only alerts with the labels asked for', () => {
    const subject = { alert: 'NodeSilent', labels: { node: 'node-2' } };
    const entries = trialWith({ ...claim, subject }, [
      alert(3_000, 'firing', { node: 'node-9' }),
      alert(7_000, 'firing', { node: 'node-2' }),
    ]);
    expectFinding(entries, 'held', /after 7 s/);
  });

  it('inconclusive when the fault was never proven', () => {
    const entries = mapEntries(trialWith(claim, []), (entry) =>
      entry.kind === 'fault.effective' ? undefined : entry,
    );
    expectFinding(entries, 'inconclusive', /not shown to take effect/);
  });

  it('is decided at once when it fires, and after the limit when it does not', () => {
    const upTo = (entries: Entry[], sinceMs: number) => {
      const until = EFFECTIVE_MS + sinceMs;
      return findingOf(
        entries.filter((entry) => entry.monoMs <= until),
        'c1',
        until,
      );
    };
    const fires = trialWith(claim, [alert(12_300, 'firing')]);
    assert.equal(upTo(fires, 12_000), undefined);
    assert.equal(upTo(fires, 12_400)?.outcome, 'held');
    assert.equal(upTo(trialWith(claim, []), 16_000), undefined);
    // Until then an observer that went blind just before the limit would have told so.
    assert.equal(upTo(trialWith(claim, []), 22_900), undefined);
    assert.equal(upTo(trialWith(claim, []), 23_000)?.outcome, 'violated');
  });
});

/** What Prometheus said of its alerting rules at an instant. */
function rules(sinceMs: number, names: readonly string[], failing: Record<string, string> = {}): Timed {
  const sinceMonoMs = EFFECTIVE_MS + sinceMs - 1_000;
  return at(EFFECTIVE_MS + sinceMs, { kind: 'alert.rules', rules: names, failing, sinceMonoMs });
}

describe('an alert says nothing where Prometheus has no rule for it, or cannot evaluate that', () => {
  const known = rules(-11_000, ['NodeSilent', 'Other']);
  const torn = { NodeSilent: 'many-to-many matching' };
  const decided: Record<string, readonly [Partial<SloClaim>, readonly Timed[], Outcome]> = {
    'stays silent': [{ claim: 'stay-silent' }, [], 'held'],
    'does not fire': [{ claim: 'fire-within' }, [], 'violated'],
    fires: [{ claim: 'fire-within' }, [alert(9_000, 'firing')], 'held'],
    resolves: [
      { claim: 'resolve-within', stableForMs: 2_000 },
      [alert(2_000, 'firing'), alert(9_000, 'resolved')],
      'held',
    ],
    'stays silent with all others': [{ claim: 'stay-silent', sloId: '*' }, [], 'held'],
  };
  for (const [what, [claim, events, outcome]] of Object.entries(decided)) {
    const trial = (...told: readonly Timed[]): Entry[] => trialWith(claim, [...events, ...told]);
    it(`one that ${what} is ${outcome} where its rule is evaluated, and in journals that do not tell`, () => {
      expectFinding(trial(known), outcome, /NodeSilent|\*/);
      expectFinding(trial(), outcome, /NodeSilent|\*/);
      const mended = [rules(-9_000, ['NodeSilent'], torn), rules(-5_000, ['NodeSilent'])];
      expectFinding(trial(known, ...mended), outcome, /NodeSilent|\*/);
      expectFinding(trial(known, rules(-5_000, ['NodeSilent', 'Other'], {})), outcome, /NodeSilent|\*/);
    });
    it(`one that ${what} is inconclusive where it is not`, () => {
      const failing = [rules(-500, ['NodeSilent'], torn), rules(12_000, ['NodeSilent'])];
      expectFinding(trial(known, ...failing), 'inconclusive', /NodeSilent cannot be evaluated: many-to-many/);
      const none = rules(-11_000, claim.sloId === '*' ? [] : ['NodeSilence', 'Other']);
      expectFinding(
        trial(none),
        'inconclusive',
        /has no alerting rule (\*|NodeSilent; the nearest name is NodeSilence)/,
      );
    });
  }

  it('from when Prometheus was last seen before the failure was told', () => {
    const silent = { claim: 'stay-silent', withinMs: 10_000 } as const;
    const told = (sinceMs: number): Entry[] =>
      trialWith(silent, [known, rules(sinceMs, ['NodeSilent'], torn)]);
    expectFinding(told(10_900), 'inconclusive', /cannot be evaluated/);
    expectFinding(told(11_100), 'held', /stayed silent/);
  });

  it('and what another rule does is no matter', () => {
    const other = rules(2_000, ['NodeSilent', 'Other'], { Other: 'torn' });
    expectFinding(trialWith({ claim: 'stay-silent' }, [known, other]), 'held', /stayed silent/);
  });
});

describe('an alert resolves within 15 s', () => {
  const claim = { claim: 'resolve-within' } as const;
  const cases: [string, Timed[], Outcome, RegExp][] = [
    ['held when it does', [alert(2_000, 'firing'), alert(11_000, 'resolved')], 'held', /resolved after 11 s/],
    ['violated when it does not', [alert(2_000, 'firing')], 'violated', /did not resolve within 15 s/],
    [
      'violated when it does later',
      [alert(2_000, 'firing'), alert(19_000, 'resolved')],
      'violated',
      /resolved after 19 s/,
    ],
    ['inconclusive when it never fired', [], 'inconclusive', /never fired: there was nothing to resolve/],
    [
      'inconclusive when it fired only after the limit',
      [alert(16_001, 'firing')],
      'inconclusive',
      /never fired: there was nothing to resolve/,
    ],
    [
      'held only when all that fire have resolved',
      [
        alert(2_000, 'firing', { n: '1' }),
        alert(3_000, 'firing', { n: '2' }),
        alert(5_000, 'resolved', { n: '1' }),
        alert(9_000, 'resolved', { n: '2' }),
      ],
      'held',
      /after 9 s/,
    ],
    [
      'counted where it was seen, not when the message came',
      [
        alert(2_000, 'firing'),
        alert(4_000, 'firing', {}, 'receiver'),
        alert(9_000, 'resolved'),
        alert(30_000, 'resolved', {}, 'receiver'),
      ],
      'held',
      /after 9 s/,
    ],
    [
      'violated when another of the name fires after the first has resolved, and stays',
      [
        alert(2_000, 'firing', { n: '1' }),
        alert(3_000, 'resolved', { n: '1' }),
        alert(5_000, 'firing', { n: '2' }),
      ],
      'violated',
      /did not resolve within 15 s/,
    ],
    [
      'violated when it flaps and fires at the limit',
      [alert(2_000, 'firing'), alert(3_000, 'resolved'), alert(14_000, 'firing'), alert(18_000, 'resolved')],
      'violated',
      /resolved after 18 s; allowed 15 s/,
    ],
    [
      'counted from the last of them when it flaps before the limit',
      [alert(2_000, 'firing'), alert(3_000, 'resolved'), alert(5_000, 'firing'), alert(8_000, 'resolved')],
      'held',
      /resolved after 8 s; allowed 15 s/,
    ],
    [
      'held whatever fires when the limit has passed',
      [alert(2_000, 'firing'), alert(3_000, 'resolved'), alert(16_500, 'firing')],
      'held',
      /resolved after 3 s/,
    ],
  ];
  for (const [name, events, outcome, reason] of cases) {
    it(name, () => expectFinding(trialWith(claim, events), outcome, reason));
  }

  it('and stays so for stableFor, also after the limit', () => {
    const events = [alert(2_000, 'firing'), alert(14_000, 'resolved'), alert(16_500, 'firing')];
    expectFinding(trialWith(claim, events), 'held', /after 14 s/);
    expectFinding(trialWith({ ...claim, stableForMs: 5_000 }, events), 'violated', /did not resolve/);
  });
});

describe('the time of an alert', () => {
  const resolve = { claim: 'resolve-within', withinMs: 10_000, stableForMs: 2_000 } as const;
  const fire = { claim: 'fire-within', withinMs: 10_000 } as const;
  const figures = (claim: Partial<SloClaim>, ...events: readonly Timed[]) => {
    const finding = judge(trialWith(claim, events)).findings.find(({ claimId }) => claimId === 'c1');
    return [finding?.outcome, finding?.measured, finding?.allowed, finding?.unit];
  };

  it('is told with the figure, held or not, and with what was allowed', () => {
    assert.deepEqual(figures(fire, alert(9_000, 'firing')), ['held', 9_000, 10_000, 'ms']);
    assert.deepEqual(figures(fire, alert(12_500, 'firing')), ['violated', 12_500, 10_000, 'ms']);
    assert.deepEqual(figures(fire), ['violated', undefined, 10_000, 'ms']);
    const fired = alert(2_000, 'firing');
    assert.deepEqual(figures(resolve, fired, alert(9_000, 'resolved')), ['held', 9_000, 10_000, 'ms']);
    assert.deepEqual(figures(resolve, fired, alert(13_000, 'resolved')), ['violated', 13_000, 10_000, 'ms']);
    assert.deepEqual(figures(resolve, fired), ['violated', undefined, 10_000, 'ms']);
  });

  it('is too close to call within one look of the limit, and decided beyond', () => {
    const fired = alert(2_000, 'firing');
    for (const [sinceMs, outcome] of [
      [10_000, 'held'],
      [10_001, 'inconclusive'],
      [11_000, 'inconclusive'],
      [11_001, 'violated'],
    ] as const) {
      assert.equal(figures(fire, alert(sinceMs, 'firing'))[0], outcome, `fired after ${sinceMs} ms`);
      assert.equal(figures(resolve, fired, alert(sinceMs, 'resolved'))[0], outcome, `resolved ${sinceMs} ms`);
    }
  });

  it('is open until what resolved has stayed so for stableFor, at the limit at least', () => {
    const outcomes = (events: readonly Timed[], ...instants: readonly number[]) =>
      instants.map(
        (sinceMs) =>
          findingOf(
            trialWith(resolve, events).filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + sinceMs),
            'c1',
            EFFECTIVE_MS + sinceMs,
          )?.outcome,
      );
    const early = [alert(2_000, 'firing'), alert(4_000, 'resolved')];
    assert.deepEqual(outcomes(early, 9_999, 10_000), [undefined, 'held']);
    const late = [alert(2_000, 'firing'), alert(9_000, 'resolved')];
    assert.deepEqual(outcomes(late, 10_999, 11_000), [undefined, 'held']);
    assert.deepEqual(outcomes([], 10_999, 11_000), [undefined, 'inconclusive']);
    assert.deepEqual(outcomes([alert(2_000, 'firing')], 11_999, 18_000), [undefined, 'violated']);
  });

  it('that the trial did not reach is open', () => {
    for (const claim of [fire, resolve])
      expectFinding(
        trialWith({ ...claim, withinMs: 90_000 }, [alert(-5_000, 'pending')]),
        'inconclusive',
        /the trial ended before the time allowed for NodeSilent was over/,
      );
  });

  it('of one that fires when the fault begins is that of its end', () => {
    assert.deepEqual(figures(resolve, alert(-500, 'firing'), alert(6_000, 'resolved')), [
      ...(['held', 6_000, 10_000, 'ms'] as const),
    ]);
  });
});

describe('silence', () => {
  const alerts = { claim: 'stay-silent', withinMs: 20_000 } as const;
  const healer = { ...alerts, sloId: 'healer actions', subject: { healer: 'actions' } } as const;
  const acted = (sinceMs: number, wouldDo?: boolean): Timed =>
    at(EFFECTIVE_MS + sinceMs, {
      kind: 'healer',
      event: 'acted',
      subject: 'node/node-1',
      detail: 'cordoned',
      healerMonoMs: 0,
      healerWallMs: 0,
      pod: 'h',
      ...given({ wouldDo }),
    });
  const wrote = (user: string): Timed =>
    at(EFFECTIVE_MS + 4_000, {
      kind: 'api.audit',
      user,
      verb: 'patch',
      resource: 'nodes',
      name: 'node-1',
      code: 200,
      stageWallMs: 0,
    });
  const machine = { kind: 'machine', node: 'node-1', caller: 'healer', result: 'ok' } as const;
  const cases: [string, Partial<SloClaim>, Timed[], Outcome, RegExp][] = [
    ['of an alert is held', alerts, [alert(2_000, 'pending')], 'held', /NodeSilent stayed silent for 20 s/],
    [
      'of the healer is not broken by a look at the machines, and is by a call that changes one',
      healer,
      [
        at(EFFECTIVE_MS + 2_000, { ...machine, call: 'states' }),
        at(EFFECTIVE_MS + 3_000, { ...machine, call: 'powerOff' }),
      ],
      'violated',
      /not silent: powerOff of node-1 after 3 s/,
    ],
    [
      'of an alert is broken by firing',
      alerts,
      [alert(2_000, 'firing')],
      'violated',
      /not silent: NodeSilent fired after 2 s/,
    ],
    [
      'of an alert cannot be said when it was firing already',
      alerts,
      [alert(-2_000, 'firing')],
      'inconclusive',
      /firing already/,
    ],
    ['of an alert cannot be said when nobody looked', alerts, [blind], 'inconclusive', /has a gap/],
    [
      'cannot be said when the trial was too short',
      { ...alerts, withinMs: 90_000 },
      [],
      'inconclusive',
      /ended before NodeSilent had been watched/,
    ],
    [
      'of every alert is broken by any',
      { ...alerts, sloId: '*' },
      [alert(2_000, 'firing')],
      'violated',
      /NodeSilent fired/,
    ],
    ['of the healer is held', healer, [acted(30_000)], 'held', /the healer stayed silent/],
    [
      'of the healer is broken by an action',
      healer,
      [acted(3_000)],
      'violated',
      /cordoned \(node\/node-1\) after 3 s/,
    ],
    [
      'of the healer is not broken by what it would have done',
      healer,
      [acted(3_000, true)],
      'held',
      /silent/,
    ],
    [
      'of the healer is broken by a write that it does not tell of',
      healer,
      [wrote('system:serviceaccount:firedrill-system:firedrill-healer')],
      'violated',
      /patch nodes node-1/,
    ],
    [
      'of the healer is broken by what it asks of a machine',
      healer,
      [
        at(EFFECTIVE_MS + 2_000, {
          kind: 'machine',
          call: 'powerOff',
          node: 'node-3',
          caller: 'h',
          result: 'ok',
        }),
      ],
      'violated',
      /powerOff of node-3 after 2 s/,
    ],
    [
      'of every alert is not broken by one that always fires',
      { ...alerts, sloId: '*' },
      [alert(-5_000, 'firing', { severity: 'none' })],
      'held',
      /silent/,
    ],
    [
      'of an alert cannot be said when it was seen firing so soon after that it may have fired before',
      { ...alerts, withinMs: 5_000 },
      [alert(3_000, 'pending'), alert(5_400, 'firing')],
      'inconclusive',
      /too close to call: NodeSilent fired, which was told after 5\.4 s and may be 1 s older/,
    ],
    [
      'of an alert is held when it fired later',
      { ...alerts, withinMs: 5_000 },
      [alert(5_200, 'pending'), alert(5_800, 'firing')],
      'held',
      /silent for 5 s/,
    ],
    [
      'of the healer cannot be said when it is told after its time of what was before',
      { ...healer, withinMs: 5_000 },
      [acted(5_300)],
      'inconclusive',
      /too close to call: cordoned/,
    ],
    [
      'of the healer cannot be said when it is told so soon of what it may have done before',
      { ...healer, withinMs: 5_000 },
      [acted(300)],
      'inconclusive',
      /too close to call: cordoned/,
    ],
    ["of the healer is not broken by somebody else's write", healer, [wrote('admin')], 'held', /silent/],
  ];
  for (const [name, claim, events, outcome, reason] of cases) {
    it(name, () => expectFinding(trialWith(claim, events), outcome, reason));
  }

  it('of a healer that is off proves nothing', () => {
    const entries = synthesise({ claim: healer, started: { config: { healer: 'off' } } });
    expectFinding(entries, 'inconclusive', /no healer that could act/);
  });

  it('that nobody limits lasts until the fault is gone, and then until the scenario has ended', () => {
    const unlimited = (...events: readonly Timed[]): Entry[] =>
      mapEntries(trialWith(alerts, events), (entry) =>
        entry.kind === 'slo.claim' ? given({ ...entry, withinMs: undefined }) : entry,
      );
    const lasting = (...events: readonly Timed[]): Entry[] =>
      mapEntries(unlimited(...events), (entry) => (entry.kind === 'fault.reverted' ? undefined : entry));
    expectFinding(unlimited(), 'held', /stayed silent for 38\.5 s/);
    expectFinding(unlimited(alert(40_500, 'firing')), 'held', /stayed silent for 38\.5 s/);
    expectFinding(lasting(), 'held', /stayed silent for 41\.2 s/);
    expectFinding(lasting(alert(40_500, 'firing')), 'violated', /fired after 40\.5 s/);
    const torn = lasting().filter(({ kind }) => kind !== 'trial.ended');
    assert.equal(findingOf(torn, 'c1', EFFECTIVE_MS + 60_000), undefined);
    expectFinding(torn, 'inconclusive', /ended before NodeSilent had been watched for long enough/);
  });

  it('is broken by the first of several, whoever tells it', () => {
    const user = 'system:serviceaccount:firedrill-system:firedrill-healer';
    expectFinding(trialWith(healer, [acted(9_000), wrote(user)]), 'violated', /patch nodes node-1 after 4 s/);
    expectFinding(trialWith(healer, [acted(3_000), wrote(user)]), 'violated', /cordoned .* after 3 s/);
    expectFinding(
      trialWith(alerts, [alert(6_000, 'firing', { n: '1' }), alert(2_000, 'firing', { n: '2' })]),
      'violated',
      /fired after 2 s/,
    );
  });

  it('is decided while the trial runs, at once when it is broken', () => {
    const upTo = (sinceMs: number, events: readonly Timed[] = []) =>
      findingOf(
        trialWith(alerts, events).filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + sinceMs),
        'c1',
        EFFECTIVE_MS + sinceMs,
      )?.outcome;
    assert.deepEqual([upTo(19_999), upTo(20_999), upTo(21_000)], [undefined, undefined, 'held']);
    assert.equal(upTo(3_000, [alert(2_000, 'firing')]), 'violated');
  });

  it('is not decided by what was told within a second of its end, and may have been before or after it', () => {
    const at20s = (sinceMs: number, ...more: readonly Timed[]) =>
      trialWith(alerts, [...more, alert(sinceMs, 'firing')]);
    expectFinding(at20s(20_000), 'violated', /fired after 20 s/);
    expectFinding(
      at20s(20_400),
      'inconclusive',
      /too close to call: NodeSilent fired, which was told after 20\.4 s and may be 1 s older; NodeSilent had to be silent for 20 s/,
    );
    expectFinding(at20s(20_999), 'inconclusive', /too close to call/);
    expectFinding(at20s(21_000), 'held', /stayed silent for 20 s/);
    // It was pending when the time was over, so that it fired later.
    expectFinding(at20s(20_400, alert(20_000, 'pending')), 'held', /stayed silent for 20 s/);
    expectFinding(at20s(20_400, alert(19_999, 'pending')), 'inconclusive', /too close to call/);
  });

  it('is not decided by what was told within a second of its begin', () => {
    expectFinding(trialWith(alerts, [alert(999, 'firing')]), 'inconclusive', /too close to call/);
    expectFinding(trialWith(alerts, [alert(1_000, 'firing')]), 'violated', /fired after 1 s/);
    expectFinding(
      trialWith(alerts, [alert(500, 'firing'), alert(7_000, 'resolved'), alert(9_000, 'firing')]),
      'violated',
      /fired after 9 s/,
    );
  });

  it('of the healer is told by whoever watches it, and by nobody where nobody does', () => {
    const watched = (...observers: readonly string[]): Entry[] =>
      withEntries(
        mapEntries(trialWith(healer, []), (entry) => (entry.kind === 'observer' ? undefined : entry)),
        observers.map((observer) =>
          at(EFFECTIVE_MS - 11_000, { kind: 'observer', observer, state: 'started' }),
        ),
      );
    expectFinding(watched(), 'inconclusive', /nobody watched: the observer "healer" was never started/);
    for (const observer of ['healer', 'api.audit', 'machine'])
      expectFinding(watched(observer), 'held', /the healer stayed silent for 20 s/);
  });

  it('of the healer is not decided by what it may have done before the end and told after it', () => {
    const done = (doneMs: number, toldMs: number): Timed => {
      const call = { user: 'system:serviceaccount:firedrill-system:firedrill-healer', verb: 'patch' };
      const stageWallMs = EFFECTIVE_MS + doneMs + WALL_AHEAD_MS;
      const about = { resource: 'nodes', name: 'node-1', code: 200, stageWallMs };
      return at(EFFECTIVE_MS + toldMs, { kind: 'api.audit', ...call, ...about });
    };
    expectFinding(trialWith(healer, [done(19_900, 19_950)]), 'violated', /patch nodes node-1/);
    expectFinding(
      trialWith(healer, [done(19_999, 20_400)]),
      'inconclusive',
      /too close to call: patch nodes node-1/,
    );
    expectFinding(trialWith(healer, [done(20_000, 20_400)]), 'held', /stayed silent/);
    expectFinding(trialWith(healer, [done(-1, 300)]), 'inconclusive', /too close to call/);
    expectFinding(trialWith(healer, [done(0, 300)]), 'violated', /after 300 ms/);
  });

  it('of the healer counts each act from when it began, by the clock of whoever did it', () => {
    const wallMs = (sinceMs: number): number => EFFECTIVE_MS + sinceMs + WALL_AHEAD_MS;
    const user = 'system:serviceaccount:firedrill-system:firedrill-healer';
    const write = { user, verb: 'patch', resource: 'nodes', name: 'node-1', code: 200 } as const;
    const call = { kind: 'machine', call: 'powerOff', node: 'node-3', caller: 'h', result: 'ok' } as const;
    const audit = {
      kind: 'healer',
      event: 'acted',
      subject: 'n',
      detail: 'd',
      healerMonoMs: 0,
      pod: 'h',
    } as const;
    const begun: Readonly<Record<string, (sinceMs: number) => Timed>> = {
      write: (ms) =>
        at(EFFECTIVE_MS + 300, {
          ...{ kind: 'api.audit', ...write, receivedWallMs: wallMs(ms), stageWallMs: wallMs(200) },
        }),
      call: (ms) => at(EFFECTIVE_MS + 300, { ...call, callWallMs: wallMs(ms) }),
      audit: (ms) => at(EFFECTIVE_MS + 300, { ...audit, healerWallMs: wallMs(ms) }),
    };
    for (const act of Object.values(begun)) {
      expectFinding(trialWith(healer, [act(-1)]), 'inconclusive', /too close to call/);
      expectFinding(trialWith(healer, [act(0)]), 'violated', /after 300 ms/);
    }
    expectFinding(
      trialWith(healer, [at(EFFECTIVE_MS + 300, call)]),
      'violated',
      /powerOff of node-3 after 300 ms/,
    );
  });
});

it('a violation by an alert that does not resolve rests on the time until it is seen to fire, and on nothing later', () => {
  const gap = (fromMs: number): Timed =>
    at(EFFECTIVE_MS + fromMs + 500, {
      ...{ kind: 'observer', observer: 'alerts', state: 'gap', reason: 'away' },
      ...{ fromMonoMs: EFFECTIVE_MS + fromMs, toMonoMs: EFFECTIVE_MS + fromMs + 500 },
    });
  const told = (stableForMs: number, ...events: readonly Timed[]) =>
    judge(trialWith({ claim: 'resolve-within', stableForMs }, events)).findings.find(
      ({ claimId }) => claimId === 'c1',
    )?.outcome;
  const fires = alert(2_000, 'firing');
  assert.equal(told(0, fires, gap(16_000)), 'violated');
  assert.equal(told(0, fires, gap(15_900)), 'inconclusive');
  const again = [fires, alert(14_000, 'resolved'), alert(20_000, 'firing')];
  assert.equal(told(10_000, ...again, alert(21_000, 'firing', { a: 'b' }), gap(20_000)), 'violated');
  assert.equal(told(10_000, ...again, gap(19_900)), 'inconclusive');
});

it('an alert that fires again counts up to the last instant of the time for which it had to stay resolved', () => {
  const told = (...events: readonly Timed[]) => {
    const entries = trialWith({ claim: 'resolve-within', stableForMs: 2_000 }, events);
    return judge(entries).findings.find(({ claimId }) => claimId === 'c1')?.outcome;
  };
  const resolved = [alert(2_000, 'firing'), alert(14_000, 'resolved')];
  assert.equal(told(...resolved, alert(16_000, 'firing')), 'violated');
  assert.equal(told(...resolved, alert(16_001, 'firing')), 'held');
  const early = [alert(2_000, 'firing'), alert(3_000, 'resolved')];
  assert.equal(told(...early, alert(15_000, 'firing')), 'violated');
  assert.equal(told(...early, alert(15_001, 'firing')), 'held');
  assert.equal(told(alert(16_000, 'firing')), 'violated');
  assert.equal(told(alert(16_001, 'firing')), 'inconclusive');
});
