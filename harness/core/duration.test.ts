import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { durationText, formatBracket, formatDuration, parseDuration } from './duration.ts';
import { FiredrillError } from './errors.ts';

describe('a bracket', () => {
  it('has as many digits as its width is worth, the same on the time that it is about', () => {
    const cases: [[number, number, number], string][] = [
      [[3_900, 3_893, 3_901], '3.900 s (3.893 to 3.901)'],
      [[2_534, 2_450, 2_907], '2.53 s (2.45 to 2.91)'],
      [[50, 0, 1_900], '0.05 s (0.00 to 1.90)'],
      [[12_000, 11_950, 15_310], '12.0 s (11.9 to 15.4)'],
      [[60_000, 40_000, 81_200], '60 s (40 to 82)'],
      [[-20, -75, 35], '\u22120.02 s (\u22120.08 to 0.04)'],
    ];
    for (const [args, text] of cases) assert.equal(formatBracket(...args), text);
  });

  it('is rounded outwards: what it holds it also holds as it is printed, and is not much wider', () => {
    fc.assert(
      fc.property(fc.nat(600_000), fc.nat(3_000), fc.nat(30_000), (ms, before, after) => {
        const text = formatBracket(ms, ms - before, ms + after);
        const [low, high] = text
          .replaceAll('\u2212', '-')
          .match(/-?[\d.]+(?= to|\))/g)!
          .map((end) => Number(end) * 1_000);
        assert.ok(low! <= ms - before + 1e-3 && high! >= ms + after - 1e-3, text);
        assert.ok(high! - low! <= (before + after) * 1.2 + 20, text);
      }),
    );
  });
});

describe('a duration', () => {
  it('is read in every unit', () => {
    const cases: [string, number][] = [
      ['250ms', 250],
      ['10s', 10_000],
      ['1.5s', 1_500],
      ['5m', 300_000],
      ['1m30s', 90_000],
      ['1h0m5s', 3_605_000],
      ['2d', 172_800_000],
      ['0s', 0],
    ];
    for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
  });

  it('that is malformed names the setting, the text and the problem', () => {
    const cases: [string, RegExp][] = [
      ['10', /slo\.stableFor: "10" is no duration: "10" has no unit/],
      [undefined as unknown as string, /slo\.stableFor: "undefined" is no duration: it is missing/],
      [10 as unknown as string, /slo\.stableFor: "10" is no duration: it is not a text/],
      ['', /it is empty/],
      ['10 s', /it contains a space|no number/],
      ['-5s', /negative/],
      ['10sec', /"ec" is no number with a unit/],
      ['5s1m', /"m" comes after/],
      ['5s5s', /"s" comes after/],
      ['soon', /"soon" is no number/],
    ];
    for (const [text, message] of cases) {
      assert.throws(
        () => parseDuration(text, 'slo.stableFor'),
        (thrown) => thrown instanceof FiredrillError && thrown.userError && message.test(thrown.message),
        text,
      );
    }
  });

  it('survives being written and read again', () => {
    fc.assert(fc.property(fc.nat(1e9), (ms) => parseDuration(durationText(ms)) === ms));
  });

  it('reads well in a sentence', () => {
    const cases: [number, string][] = [
      [12.4, '12 ms'],
      [3_900, '3.9 s'],
      [54_000, '54 s'],
      [54_321, '54.3 s'],
      [355_400, '355 s'],
      [1_500_000, '25 min'],
      [0, '0 ms'],
    ];
    for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
  });
});
