import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readThroughRules, whyNoEvidence } from './recording-rules.ts';
import type { Bound, RecordingRule } from './slo.ts';

const rule = (record: string, query: string, intervalMs = 1_000): RecordingRule => ({
  record,
  query,
  intervalMs,
});

const RULES = [
  rule('slo:errors:ratio_rate5m', 'sum(rate(errors[5m])) / sum(rate(all[5m]))', 30_000),
  rule('slo:errors:worst', 'max_over_time(slo:errors:ratio_rate5m[10m])', 15_000),
  rule('slo:parts:rate', 'rate(a[1m])'),
  rule('slo:parts:rate', 'rate(b[2m] offset 1m)', 5_000),
  rule('recorded_without_colon', 'rate(a[1m])'),
  rule('slo:good:always', 'min(healthy) or vector(1)'),
  rule('slo:of:itself', 'max(slo:of:itself offset 1m) + 1'),
  rule('slo:of:another', 'slo:to:one'),
  rule('slo:to:one', 'slo:of:another'),
  rule('slo:in:newer_words', 'rate(a[1m]) between b'),
  rule('slo:ends:early', 'sum('),
  rule('slo:is:empty', ''),
  rule('slo:reads:unknown', 'sum(slo:not:known)'),
];

describe('the window of a recorded series is that of its rule, and the time between two evaluations', () => {
  const cases: [query: string, windowMs: number][] = [
    ['slo:errors:ratio_rate5m', 330_000],
    ['1 - slo:errors:ratio_rate5m{service="a"}', 330_000],
    ['{__name__="slo:errors:ratio_rate5m"}', 330_000],
    ['{"slo:errors:ratio_rate5m", service="a"}', 330_000],
    ['slo:errors:ratio_rate5m offset 1m', 390_000],
    ['max_over_time(slo:errors:ratio_rate5m[1m])', 390_000],
    ['slo:errors:worst', 945_000],
    ['max(slo:parts:rate)', 185_000],
    ['recorded_without_colon', 61_000],
    ['rate(a[10m]) / slo:parts:rate', 600_000],
    ['rate(a[4s])', 4_000],
    ['rate(a{job="b:c"}[4s])', 4_000],
  ];
  for (const [query, windowMs] of cases)
    it(`${query}: ${windowMs} ms`, () => {
      const reading = readThroughRules(query, RULES);
      assert.ok('windowMs' in reading);
      assert.equal(reading.windowMs, windowMs);
    });

  it('and names the rules that it was read through, those of rules, too', () => {
    const reading = readThroughRules('slo:errors:worst', RULES);
    assert.deepEqual(reading, { windowMs: 945_000, rules: [RULES[1], RULES[0]] });
    assert.deepEqual(readThroughRules('slo:errors:worst', [RULES[1]!, RULES[0]!]), reading);
    assert.deepEqual(readThroughRules('rate(a[4s])', RULES), { windowMs: 4_000, rules: [] });
  });
});

describe('a recorded series whose rule cannot be read is no evidence', () => {
  const cases: [query: string, reason: RegExp][] = [
    [
      'slo:not:known',
      /^slo:not:known is recorded by a rule that is not known, and so is how far back it looks$/,
    ],
    ['sum(rate(a[4s])) / slo:not:known', /slo:not:known is recorded/],
    ['{__name__=~"slo:.*", a="b"}', /\{__name__=~"slo:\.\*", a="b"\} is recorded/],
    ['slo:reads:unknown', /slo:not:known is recorded/],
    ['slo:of:itself', /the rule of slo:of:itself reads what it has recorded itself/],
    ['slo:of:another', /reads what it has recorded itself/],
    ['slo:ends:early', /slo:ends:early cannot be read: the query ends too early/],
    ['slo:is:empty', /slo:is:empty cannot be read: the query is empty/],
    ['sum(', /its query cannot be read: the query ends too early/],
    ['slo:in:newer_words', /slo:in:newer_words cannot be read: unexpected "between"/],
  ];
  for (const [query, reason] of cases)
    it(query, () => {
      assert.match(whyNoEvidence({ query, bound: { atMost: 0.05 } }, RULES) ?? '', reason);
    });
});

describe('what a rule records may make a good value of absence, too', () => {
  const cases: [query: string, bound: Bound, reason: RegExp | undefined][] = [
    ['slo:good:always', { atLeast: 0.99 }, /no series is there, the value is 1/],
    ['min_over_time(slo:good:always[1m])', { atLeast: 0.99 }, /no series is there, the value is 1/],
    ['slo:good:always', { atLeast: 2 }, undefined],
    ['slo:good:always or vector(0)', { atLeast: 2 }, undefined],
    ['slo:errors:ratio_rate5m', { atMost: 0.05 }, undefined],
    ['slo:errors:ratio_rate5m or vector(0)', { atMost: 0.05 }, /no series is there, the value is 0/],
    ['max(slo:parts:rate)', { atMost: 0.05 }, undefined],
  ];
  for (const [query, bound, reason] of cases)
    it(`${query} under ${JSON.stringify(bound)}`, () => {
      const found = whyNoEvidence({ query, bound }, RULES);
      if (reason === undefined) assert.equal(found, undefined);
      else assert.match(found ?? '', reason);
    });
});
