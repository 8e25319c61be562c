import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEnd, describeWindow, openAt, openWithin } from './calendar.ts';
import { parsePolicy } from './policy.ts';

const windowsOf = (text: string) => parsePolicy(`freeze: [${text}]`).freeze;
const office = windowsOf(
  '{ name: office, days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", timeZone: Europe/Berlin }',
);
const at = (text: string): number => Date.parse(text);
const endAt = (windows: typeof office, text: string): string | undefined => {
  const open = openAt(windows, at(text));
  return open && new Date(open.endsWallMs).toISOString();
};

test('a weekly window is open from its first minute to its last, by the clocks of its zone', () => {
  // 23 November 2026 is a Monday; Berlin is one hour ahead of UTC.
  assert.equal(endAt(office, '2026-11-23T06:59:59.999Z'), undefined);
  assert.equal(endAt(office, '2026-11-23T07:00:00Z'), '2026-11-23T17:00:00.000Z');
  assert.equal(endAt(office, '2026-11-23T16:59:59.999Z'), '2026-11-23T17:00:00.000Z');
  assert.equal(endAt(office, '2026-11-23T17:00:00Z'), undefined);
  assert.equal(endAt(office, '2026-11-22T12:00:00Z'), undefined, 'Sunday');
});

test('the day is the one of the zone, not of UTC', () => {
  const monday = windowsOf(
    '{ name: m, days: [mon], from: "00:00", to: "24:00", timeZone: Pacific/Auckland }',
  );
  assert.equal(endAt(monday, '2026-11-22T11:30:00Z'), '2026-11-23T11:00:00.000Z');
  assert.equal(endAt(monday, '2026-11-23T11:30:00Z'), undefined);
});

test('a window over midnight belongs to the day on which it begins', () => {
  const night = windowsOf('{ name: batch, days: [fri], from: "22:00", to: "06:00", timeZone: UTC }');
  assert.equal(endAt(night, '2026-11-27T22:00:00Z'), '2026-11-28T06:00:00.000Z');
  assert.equal(endAt(night, '2026-11-28T05:59:00Z'), '2026-11-28T06:00:00.000Z');
  assert.equal(endAt(night, '2026-11-28T06:00:00Z'), undefined);
  assert.equal(endAt(night, '2026-11-28T22:00:00Z'), undefined, 'Saturday');
  assert.equal(endAt(night, '2026-11-27T05:00:00Z'), undefined, 'the morning of Friday is of Thursday');
});

test('clocks that are changed inside of a window change its end', () => {
  // On 25 October 2026 Berlin goes from UTC+2 back to UTC+1 at 03:00.
  const sunday = windowsOf('{ name: s, days: [sun], from: "01:00", to: "12:00", timeZone: Europe/Berlin }');
  assert.equal(endAt(sunday, '2026-10-24T23:30:00Z'), '2026-10-25T11:00:00.000Z');
  const early = windowsOf('{ name: e, days: [sun], from: "00:30", to: "01:30", timeZone: Europe/Berlin }');
  assert.equal(endAt(early, '2026-10-24T23:00:00Z'), '2026-10-24T23:30:00.000Z');
  // On 29 March 2026 it goes forward at 02:00.
  assert.equal(endAt(sunday, '2026-03-29T00:30:00Z'), '2026-03-29T10:00:00.000Z');
});

test('a span is open once, its end not included', () => {
  const sale = windowsOf('{ name: sale, from: 2026-11-27T00:00+01:00, to: 2026-12-01T00:00+01:00 }');
  assert.equal(endAt(sale, '2026-11-26T22:59:59Z'), undefined);
  assert.equal(endAt(sale, '2026-11-26T23:00:00Z'), '2026-11-30T23:00:00.000Z');
  assert.equal(endAt(sale, '2026-11-30T23:00:00Z'), undefined);
});

test('what lasts into a window is found, also into one that is over before the end', () => {
  const fromMs = at('2026-11-23T06:30:00Z');
  assert.equal(openWithin(office, fromMs, fromMs + 29 * 60_000), undefined);
  assert.equal(openWithin(office, fromMs, fromMs + 31 * 60_000)?.window.name, 'office');
  const short = windowsOf('{ name: s, from: 2026-11-23T06:30:20Z, to: 2026-11-23T06:30:40Z }');
  assert.equal(openWithin(short, fromMs, fromMs + 10_000), undefined);
  assert.equal(openWithin(short, fromMs, fromMs + 50_000)?.window.name, 's');
});

test('window and end are told in the words of the owner', () => {
  const open = openAt(office, at('2026-11-23T08:00:00Z'));
  assert.ok(open);
  assert.equal(
    describeWindow(open.window),
    '"office" (mon, tue, wed, thu, fri 08:00 to 18:00 Europe/Berlin)',
  );
  assert.equal(describeEnd(open), '2026-11-23 18:00 Europe/Berlin (2026-11-23T17:00Z)');
});
