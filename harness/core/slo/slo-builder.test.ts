import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FiredrillError } from '../errors.ts';
import { assertJudgeable, assertNoNamesakes, assertResolvable, slo } from './slo-builder.ts';

const QUERY = 'sum(rate(good_total[4s])) / sum(rate(all_total[4s]))';
const spec = { query: QUERY, bound: { atLeast: 0.99 }, stableFor: '5s' };

function refusal(act: () => unknown): FiredrillError {
  try {
    act();
  } catch (thrown) {
    assert.ok(thrown instanceof FiredrillError);
    return thrown;
  }
  throw new assert.AssertionError({ message: 'it was not refused' });
}

describe('slo()', () => {
  it('reads the range from the query and gives the same id for the same objective', () => {
    const one = slo(spec);
    assert.equal(one.windowMs, 4_000);
    assert.equal(one.stableForMs, 5_000);
    assert.equal(one.id, slo({ ...spec }).id);
    assert.notEqual(one.id, slo({ ...spec, bound: { atLeast: 0.9 } }).id);
    assert.ok(Object.isFrozen(one));
  });

  it('puts its window into the query', () => {
    const query = 'sum(rate(good_total[$window])) / sum(rate(all_total[$window]))';
    assert.equal(slo({ ...spec, query, window: '4s' }).query, QUERY);
  });

  it('adds the delay with which its indicator learns of bad events', () => {
    assert.equal(slo({ ...spec, delay: '2s' }).windowMs, 6_000);
  });

  it('is stable for one second at least, and carries its name', () => {
    assert.equal(slo({ ...spec, stableFor: '1s' }).stableForMs, 1_000);
    assert.match(refusal(() => slo({ ...spec, stableFor: '999ms' })).message, /"999ms" is shorter than/);
    const named = slo({ ...spec, name: 'available' });
    assert.deepEqual([named.id, named.name], ['available', 'available']);
    assert.match(slo(spec).id, /^slo-[0-9a-f]{8}$/);
    assert.ok(!('name' in slo(spec)) && Object.isFrozen(slo(spec).bound));
  });

  it('has one bound', () => {
    const { message } = refusal(() => slo({ ...spec, bound: { atLeast: 0.5, atMost: 0.9 } }));
    assert.match(message, /bound: give atLeast or atMost, not both/);
  });

  it('tells all problems at once, each with its key', () => {
    const { message, userError } = refusal(() =>
      slo({ query: 'sum(rate(a[4x]))', bound: { atLeast: Number.NaN }, stableFor: '5', window: '4s' }),
    );
    assert.equal(userError, true);
    for (const part of [
      /window: given, but/,
      /stableFor: "5" is no duration/,
      /bound: NaN/,
      /query: unexpected "x"/,
    ]) {
      assert.match(message, part);
    }
  });

  it('tells by its key what arrives without a check of types', () => {
    const cases: [unknown, RegExp][] = [
      [{ ...spec, stableFor: undefined }, /slo\(\): stableFor: /],
      [{ ...spec, query: 5 }, /query: /],
      [{ ...spec, bound: undefined }, /bound: /],
      [{ ...spec, name: 'shop', dely: '1s' }, /slo\(shop\): objective: .*"dely"/],
      [undefined, /slo\(\): objective: /],
    ];
    for (const [given, message] of cases)
      assert.match(refusal(() => slo(given as typeof spec)).message, message);
  });

  it('refuses what cannot be judged', () => {
    const cases: [Partial<typeof spec>, RegExp][] = [
      [{ query: '1 + 1' }, /reads no series/],
      [{ query: 'sum(rate(a))' }, /rate\(\) takes a range vector here[^]*\n  sum\(rate\(a\)\)\n {11}\^/],
      [{ query: 'a or vector(1)' }, /no data would pass[^]*\n  a or vector\(1\)\n {7}\^/],
      [{ query: 'rate(a[4s] @ 1609746000)' }, /does not belong to the instant/],
      [{ query: 'rate(a[$window])' }, /contains \$window, but no window/],
      [{ stableFor: '500ms' }, /shorter than the second/],
    ];
    for (const [change, message] of cases)
      assert.match(refusal(() => slo({ ...spec, ...change })).message, message);
  });
});

describe('a limit', () => {
  const drill = { scrapeIntervalMs: 1_000 };

  it('that the query resolves is accepted', () => {
    assertResolvable(slo(spec), 10_000, drill);
    assertResolvable(slo(spec), 6_000, drill);
  });

  it('is resolved by range, scrape interval and step, each as it is', () => {
    assertResolvable(slo(spec), 5_250, { ...drill, stepMs: 250 });
    const error = refusal(() => assertResolvable(slo(spec), 5_249, { ...drill, stepMs: 250 }));
    assert.match(error.message, /5\.25 s = range 4 s \+ scrape interval 1 s \+ step 250 ms/);
    const fine = refusal(() => assertResolvable(slo({ ...spec, query: 'rate(a[1m])' }), 6_000, drill));
    assert.match(
      fine.hint ?? '',
      /a scrape interval of 1s and a range of 4s would do; or ask for at least 1m2s/,
    );
    const tiny = refusal(() => assertResolvable(slo(spec), 5, drill));
    assert.match(
      tiny.hint ?? '',
      /a scrape interval of 1ms and a range of 3ms would do; or ask for at least 6s/,
    );
    const { id, query, bound, stableForMs } = slo(spec);
    assert.throws(() => assertResolvable({ id, query, bound, stableForMs }, 5_999, drill), /range 4 s/);
  });

  it('below what the query resolves is refused, with the scrape interval and range that would do', () => {
    const error = refusal(() => assertResolvable(slo(spec), 5_000, drill));
    assert.equal(error.code, 'slo.unresolvable');
    assert.match(
      error.message,
      /a limit of 5 s is below what its query can resolve, 6 s = range 4 s \+ scrape interval 1 s \+ step 1 s/,
    );
    assert.match(
      error.hint ?? '',
      /a scrape interval of 833ms and a range of 3s334ms would do; or ask for at least 6s/,
    );
  });

  it('in production is refused for the same objective', () => {
    const error = refusal(() =>
      assertResolvable(slo({ ...spec, query: 'rate(a[1m])' }), 30_000, { scrapeIntervalMs: 15_000 }),
    );
    assert.match(error.hint ?? '', /a scrape interval of 5s and a range of 20s would do/);
  });

  it('of a recorded series is measured by its rule, and refused as long as that is not known', () => {
    const recorded = slo({ ...spec, query: 'slo:good:ratio_rate5m' });
    const rules = [
      { record: 'slo:good:ratio_rate5m', query: QUERY.replaceAll('4s', '5m'), intervalMs: 30_000 },
    ];
    const unknown = refusal(() => assertResolvable(recorded, 3_600_000, drill));
    assert.equal(unknown.code, 'slo.unresolvable');
    assert.match(unknown.message, /slo:good:ratio_rate5m is recorded by a rule that is not known/);
    const known = { ...recorded, rules, windowMs: 330_000 };
    assert.match(
      refusal(() => assertResolvable(known, 10_000, drill)).message,
      /below what its query can resolve, .* = range 330 s/,
    );
    assertResolvable(known, 332_000, drill);
    assertResolvable(recorded, 1_000, drill, 'probe');
  });

  it('is always accepted for the probe alone', () => {
    assertResolvable(slo(spec), 1_000, drill, 'probe');
  });
});

describe('an objective that is no share of good requests', () => {
  const others = [{ atMost: 0.25 }, { atMost: 0.05 }, { atLeast: 3 }, { atLeast: 0 }];

  it('is refused where the probe is to judge it, alone or with PromQL', () => {
    for (const bound of others)
      for (const judgedBy of ['probe', 'probe-and-promql', undefined] as const)
        assert.equal(
          refusal(() => assertJudgeable(slo({ ...spec, bound }), judgedBy)).code,
          'slo.unjudgeable',
        );
    const latency = slo({ ...spec, name: 'latency', bound: { atMost: 0.25 } });
    assert.match(refusal(() => assertJudgeable(latency)).message, /latency: .* <= 0\.25 is no share/);
  });

  it('is judged by PromQL alone, and a share by both', () => {
    for (const bound of others) assertJudgeable(slo({ ...spec, bound }), 'promql');
    for (const atLeast of [0.5, 0.99, 1]) assertJudgeable(slo({ ...spec, bound: { atLeast } }));
  });
});

describe('two objectives of one name', () => {
  const named = { ...spec, name: 'available' };

  it('are refused when anything of them differs, and the same one may come again', () => {
    const one = slo(named);
    for (const other of [
      { ...named, query: 'sum(other_total)' },
      { ...named, bound: { atLeast: 0.9 } },
      { ...named, stableFor: '6s' },
      { ...named, delay: '1s' },
    ])
      assert.equal(refusal(() => assertNoNamesakes([one, slo(other)])).code, 'slo.two-of-one-name');
    assertNoNamesakes([one, slo(named), slo({ ...named, name: 'other' })]);
  });
});
