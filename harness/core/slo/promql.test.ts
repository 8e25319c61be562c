import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPromql, showProblem } from './promql.ts';

describe('the reach of a query (W)', () => {
  const cases: [string, number][] = [
    ['up', 0],
    ['rate(a[4s])', 4_000],
    ['sum(rate(a{code!~"5.."}[4s])) / sum(rate(a[1m30s]))', 90_000],
    ['rate(a[30s] offset 10s)', 40_000],
    ['max_over_time(rate(a[5s])[1m:1s])', 65_000],
    ['max_over_time(max_over_time(a[10s])[1m:] offset 5s)', 75_000],
    ['rate(a[10m]) + -b offset 5m', 600_000],
    ['rate(a[500ms])', 500],
    ['rate(a[5])', 5_000],
    ['rate(a[1m + 30s])', 90_000],
    ['rate(a[2 * 30s])', 60_000],
    ['rate(a[1m - 10s])', 50_000],
    ['rate(a[4m / 2])', 120_000],
    ['rate(a[2 ^ 3])', 8_000],
    ['rate(a[100s % 7])', 2_000],
    ['rate(a[-1m + 3m])', 120_000],
    ['rate(a[+30s])', 30_000],
    ['rate(a[-(-1m)])', 60_000],
    ['rate(a[((1m + 1s) * 2)])', 122_000],
    ['rate(a[0 / 0])', 0],
    ['rate(a[1m + step()])', 60_000],
    ['rate(a[1.5])', 1_500],
    ['rate(a[0x10])', 16_000],
    ['rate(a[1_000])', 1_000_000],
    ['rate(a[1d2h3m4s5ms])', 93_784_005],
    ['rate(a[2w])', 2 * 7 * 24 * 3_600_000],
    ['rate(a[1y])', 365 * 24 * 3_600_000],
    ['a offset 1m', 60_000],
    ['rate(a[1m] offset -30s)', 30_000],
    ['rate(a[1m] offset -1h)', 0],
    ['quantile_over_time(0.9, a[1h])', 3_600_000],
    ['rate(a{x="[9h]"}[1s])', 1_000],
    ['rate(a[1s]) # [9h]', 1_000],
  ];
  for (const [query, windowMs] of cases) {
    it(`of ${query} is ${windowMs} ms`, () => {
      const facts = readPromql(query);
      assert.deepEqual(facts.problems, []);
      assert.equal(facts.windowMs, windowMs);
    });
  }
});

describe('a query with a mistake', () => {
  const cases: [string, number, RegExp][] = [
    ['sum(rate(a[4s])', 15, /ends too early: "\(" is never closed/],
    ['rate(a[4x])', 8, /unexpected "x" at character 9/],
    ['foo bar', 4, /unexpected "bar"/],
    ['', 0, /empty/],
    ['sum(rate(a[4s])))', 16, /unexpected "\)"/],
    ['rate(a[4s)', 9, /unexpected/],
    ['rate(a[4s) + rate(b[4s])', 9, /unexpected "\) \+ rate\(b\[4" at character 10$/],
    ['a{code!~"5.."', 13, /ends too early: "\{" is never closed/],
  ];
  for (const [query, position, message] of cases) {
    it(`says where: ${query === '' ? '(empty)' : query}`, () => {
      const { windowMs, problems } = readPromql(query);
      const [first] = problems;
      assert.ok(first, 'a problem is found');
      assert.equal(windowMs, 0, 'what cannot be read reaches nowhere');
      assert.equal(first.position, position);
      assert.match(first.message, message);
    });
  }

  it('is shown with a caret below its place, wherever in its line that is', () => {
    const shown = (query: string, position: number): readonly string[] =>
      showProblem(query, { position, message: 'here' }).split('\n');
    const [first] = readPromql('sum(\n  rate(a[4x])\n)').problems;
    assert.equal(first?.position, 15);
    assert.deepEqual(shown('sum(\n  rate(a[4x])\n)', 15), ['here', '    rate(a[4x])', '            ^']);
    assert.deepEqual(shown('ab\ncd\nef', 3), ['here', '  cd', '  ^']);
    assert.deepEqual(shown('ab\ncd\nef', 4), ['here', '  cd', '   ^']);
    assert.deepEqual(shown('ab\ncd\nef', 5), ['here', '  cd', '    ^']);
    assert.deepEqual(shown('ab\ncd\nef', 0), ['here', '  ab', '  ^']);
    assert.deepEqual(shown('ab\ncd\nef', 8), ['here', '  ef', '    ^']);
  });
});

it('a query names its metrics and selectors once each', () => {
  const facts = readPromql('sum(rate(a{b="c"}[4s])) / sum(rate(a[4s])) + rate({__name__="d"}[1s]) + a');
  assert.deepEqual(facts.metrics, ['a', 'd']);
  assert.deepEqual(facts.selectors, ['a{b="c"}', 'a', '{__name__="d"}']);
});

it('a query pinned to an instant or reading the future is told apart', () => {
  assert.equal(readPromql('rate(a[1m] @ 1609746000)').unanchored, true);
  assert.equal(readPromql('rate(a[1m] offset -1m)').unanchored, true);
  assert.equal(readPromql('rate(a[1m] offset 1m)').unanchored, false);
});

it('a selector outside of rate and its kin is bare', () => {
  const facts = readPromql('sum(rate(a[4s])) / sum(b{c="d"}) + increase(e[1m]) + max_over_time(f[1m])');
  assert.deepEqual(facts.bareSelectors, ['b{c="d"}', 'f']);
});
