import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody } from '../journal/journal.ts';
import { ALERT_RULE, BLINDNESS_TOLD_WITHIN_MS, blindSpot, wasWatched } from './sight.ts';
import { readTrial } from './trial-facts.ts';

/** A journal in which this arrives at these instants. */
function facts(...told: readonly (readonly [atMs: number, body: EntryBody])[]) {
  return readTrial(told.map(([monoMs, body], seq): Entry => ({ ...body, seq, monoMs, wallMs: monoMs })));
}

const state = (of: 'started' | 'stopped' | 'gap', more: object = {}, observer = 'alerts'): EntryBody => ({
  ...{ kind: 'observer', observer, state: of, ...more },
});
const blind = (trial: ReturnType<typeof facts>, fromMonoMs: number, toMonoMs: number, observer = 'alerts') =>
  blindSpot(trial, { observer, fromMonoMs, toMonoMs });

test('an observer looks from its start to its end, and again from its next start', () => {
  const trial = facts([100, state('started')], [500, state('stopped')], [600, state('started')]);
  assert.equal(wasWatched(trial, 'alerts'), true);
  assert.equal(wasWatched(trial, 'healer'), false);
  assert.match(blind(trial, 100, 200, 'healer') ?? '', /never started/);
  assert.equal(blind(trial, 100, 500), undefined);
  assert.match(blind(trial, 99, 500) ?? '', /started too late/);
  assert.match(blind(trial, 100, 501) ?? '', /stopped too early/);
  assert.equal(blind(trial, 600, 9_000), undefined);
});

test('a gap lasts from its begin to the end that is told later, for ever where none is told', () => {
  const open = [200, state('gap', { fromMonoMs: 150, reason: 'reset' })] as const;
  const closed = [400, state('gap', { fromMonoMs: 150, toMonoMs: 300, reason: 'reset' })] as const;
  const trial = facts([100, state('started')], open, closed);
  assert.equal(blind(trial, 100, 150), undefined);
  assert.match(blind(trial, 100, 151) ?? '', /"alerts" has a gap: reset/);
  assert.equal(blind(trial, 300, 9_000), undefined);
  assert.match(blind(facts([100, state('started')], open), 300, 9_000) ?? '', /gap: reset/);
  const bare = facts([100, state('started')], [200, state('gap')]);
  assert.match(blind(bare, 200, 300) ?? '', /gap: no reason given/);
  assert.equal(blind(bare, 100, 200), undefined);
});

test('a watch is blind where all of it is, and where an old journal says so in a note', () => {
  const whole = [200, state('gap', { fromMonoMs: 150, toMonoMs: 200 }, 'watch')] as const;
  assert.match(blind(facts([0, state('started', {}, 'watch')], whole), 100, 300, 'watch:Pod') ?? '', /gap/);
  const note = [170, { kind: 'note', text: 'the watch of Pod is blind: reset' }] as const;
  const end = [300, state('gap', { fromMonoMs: 150, toMonoMs: 290 }, 'watch:Pod')] as const;
  const old = facts([0, state('started', {}, 'watch')], note, end);
  assert.match(blind(old, 100, 160, 'watch:Pod') ?? '', /gap/);
  assert.equal(blind(old, 100, 150, 'watch:Pod'), undefined);
  assert.equal(blind(old, 290, 9_000, 'watch:Pod'), undefined);
  assert.equal(blind(old, 100, 160, 'watch:Node'), undefined);
  // Without an end it is blind for ever, and what another watch missed is another's.
  const started = [0, state('started', {}, 'watch')] as const;
  assert.match(blind(facts(started, note), 170, 9_000, 'watch:Pod') ?? '', /gap: reset/);
  const others = [250, state('gap', { fromMonoMs: 10, toMonoMs: 260 }, 'watch:Node')] as const;
  assert.equal(blind(facts(started, note, others, end), 20, 150, 'watch:Pod'), undefined);
  const capacity = [100, { kind: 'capacity', selector: '', ready: 1, wanted: 1 }] as const;
  assert.equal(blind(facts(capacity), 100, 160, 'watch:Pod'), undefined);
  assert.match(blind(facts(capacity), 100, 160) ?? '', /never started/);
});

test('blindness is told with the next poll, when that has timed out, a second late at most', () => {
  const [pollMs, timeOutMs, lateMs] = [1_000, 5_000, 1_000];
  assert.equal(BLINDNESS_TOLD_WITHIN_MS, pollMs + timeOutMs + lateMs);
});

test('an alert looks while Prometheus evaluates its rule, and always where a journal does not tell of rules', () => {
  const rules = (names: readonly string[], failing: object, sinceMonoMs: number): EntryBody => ({
    ...{ kind: 'alert.rules', rules: names, failing: { ...failing }, sinceMonoMs },
  });
  const trial = facts(
    [100, rules(['Down', 'Slow'], {}, 50)],
    [300, rules(['Down', 'Slow'], { Slow: 'torn' }, 250)],
    [500, rules(['Down'], {}, 450)],
  );
  const of = (alert: string, fromMs: number, toMs: number): string =>
    blind(trial, fromMs, toMs, `${ALERT_RULE}${alert}`) ?? '';
  assert.deepEqual(
    [of('Down', 0, 9_000), of('Slow', 0, 250), of('Slow', 500, 9_000) === ''],
    ['', '', false],
  );
  assert.equal(of('Slow', 0, 251), 'the rule of Slow cannot be evaluated: torn');
  assert.equal(of('Slow', 450, 451), 'the rule of Slow cannot be evaluated: torn');
  assert.equal(of('Slow', 500, 501), 'Prometheus has no alerting rule Slow');
  assert.match(of('*', 260, 270), /rule of Slow cannot be evaluated/);
  assert.equal(of('*', 500, 9_000), '');
  assert.equal(of('Dawn', 500, 501), 'Prometheus has no alerting rule Dawn; the nearest name is Down');
  const never = facts([100, rules(['Other'], {}, 50)]);
  assert.match(blind(never, 0, 10, `${ALERT_RULE}Slow`) ?? '', /no alerting rule Slow/);
  assert.match(blind(facts([100, rules([], {}, 50)]), 0, 10, `${ALERT_RULE}*`) ?? '', /no alerting rule \*/);
  assert.equal(blind(facts(), 0, 10, `${ALERT_RULE}Slow`), undefined);
});
