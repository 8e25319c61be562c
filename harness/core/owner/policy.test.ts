import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { USUAL_APPROVALS, parsePolicy } from './policy.ts';

const KEY = `MCowBQYDK2VwAyEA${'A'.repeat(43)}=`;

test('a policy in YAML is read with all its parts', () => {
  const policy = parsePolicy(`
freeze:
  - { name: office hours, days: [mon, fri], from: "08:00", to: "18:30", timeZone: Europe/Berlin }
  - { name: Christmas, from: 2026-12-20T00:00+01:00, to: 2027-01-07T00:00+01:00 }
stop:
  - { name: budget burns, query: 'max(burn)', above: 14 }
  - { alert: CheckoutDown }
prometheus: observability/prometheus
approvers:
  - { user: alice, key: ${KEY} }
`);
  assert.deepEqual(policy, {
    freeze: [
      {
        kind: 'weekly',
        name: 'office hours',
        days: ['mon', 'fri'],
        fromMinute: 480,
        toMinute: 1110,
        timeZone: 'Europe/Berlin',
      },
      {
        kind: 'span',
        name: 'Christmas',
        fromWallMs: Date.UTC(2026, 11, 19, 23),
        toWallMs: Date.UTC(2027, 0, 6, 23),
      },
    ],
    stop: [
      { kind: 'query', name: 'budget burns', query: 'max(burn)', above: 14 },
      { kind: 'alert', name: 'CheckoutDown' },
    ],
    prometheus: { namespace: 'observability', name: 'prometheus', port: 9090 },
    approvers: [{ user: 'alice', key: KEY }],
  });
});

test('the example of the README is one', () => {
  const readme = readFileSync(new URL('../../../infra/borrowed/README.md', import.meta.url), 'utf8');
  const example = /```yaml\n(freeze:[^`]*)```/.exec(readme)?.[1] ?? '';
  const { freeze, stop, approvers, approvals } = parsePolicy(example.replace(/MCow\S*\.\.\./, KEY));
  assert.deepEqual([freeze.length, stop.length, approvers?.length], [2, 2, 1]);
  assert.deepEqual(approvals, USUAL_APPROVALS);
});

test('what an owner does not say of approvals is as usual', () => {
  assert.deepEqual(parsePolicy('approvals: { uses: 3 }').approvals, { ...USUAL_APPROVALS, uses: 3 });
  assert.deepEqual(parsePolicy('approvals: { longest: 30m }').approvals, { uses: 1, longestMs: 1_800_000 });
});

test('an empty policy asks for nothing', () => {
  assert.deepEqual(parsePolicy(''), { freeze: [], stop: [] });
});

const week = (changed: object): string => {
  const window = { name: 'n', days: ['mon'], from: '08:00', to: '18:00', timeZone: 'UTC', ...changed };
  // JSON is YAML, too.
  return JSON.stringify({ freeze: [window] });
};

for (const [what, text, problem] of [
  ['a key that is unknown', 'freezes: []', /freezes/],
  ['YAML that is none', 'freeze: [', /policy is not understood/],
  ['a day that is none', week({ days: ['monday'] }), /freeze\[0\]\.days\[0\]: one of sun, mon/],
  ['no day at all', week({ days: [] }), /freeze\[0\]\.days/],
  ['a time that is none', week({ from: '25:00' }), /freeze\[0\]\.from: a time such as "08:00"/],
  ['a window without length', week({ to: '08:00' }), /freeze\[0\]\.to: from and to are the same/],
  [
    'a time zone that is none',
    week({ timeZone: 'Berlin' }),
    /freeze\[0\]\.timeZone: there is no such time zone/,
  ],
  [
    'an instant without offset',
    'freeze: [{ name: n, from: 2026-12-20T00:00, to: 2026-12-21T00:00 }]',
    /freeze\[0\]\.from: an instant with its offset/,
  ],
  [
    'a span that ends before it begins',
    'freeze: [{ name: n, from: 2026-12-21T00:00Z, to: 2026-12-20T00:00Z }]',
    /freeze\[0\]\.to: it ends before it begins/,
  ],
  ['a window without a name', 'freeze: [{ from: 2026-12-20T00:00Z, to: 2026-12-21T00:00Z }]', /\.name/],
  ['a query without a limit', 'stop: [{ name: n, query: up }]', /stop\[0\]\.above: either above or below/],
  ['a query with two', 'stop: [{ name: n, query: up, above: 1, below: 0 }]', /either above or below/],
  ['an alert with a limit', 'stop: [{ alert: a, above: 1 }]', /stop\[0\].*above/],
  ['an approval that is good for nothing', 'approvals: { uses: 0 }', /approvals\.uses/],
  ['an approval for ever', 'approvals: { longest: ever }', /approvals: .*"ever" is no duration/],
  ['approvers without any', 'approvers: []', /nobody in it/],
  [
    'a key of another kind',
    'approvers: [{ user: a, key: abc }]',
    /approvers\[0\]\.key: an Ed25519 public key/,
  ],
  [
    'a query that is no PromQL',
    'stop: [{ name: n, query: "max(job:slo_burn:rate5m", above: 14 }]',
    /stop\[0\]\.query: the query ends too early: "\(" is never closed/,
  ],
  [
    'a query of a dashboard',
    'stop: [{ name: n, query: "up{job=\'$job\'}", below: 1 }]',
    /\$job stands for nothing/,
  ],
  [
    'a query that can never come true',
    'stop: [{ name: target down, query: up == 0, above: 0 }]',
    /stop\[0\]\.query: the value is 0 whatever the series are, and never leaves <= 0/,
  ],
  [
    'one that can never come true below',
    'stop: [{ name: n, query: up == 1, below: 1 }]',
    /never leaves >= 1/,
  ],
  ...['2026-02-30', '2026-04-31', '2027-02-29', '2026-13-01'].map(
    (day) =>
      [
        `a day that there is not, ${day}`,
        `freeze: [{ name: n, from: ${day}T00:00+01:00, to: 2028-01-01T00:00Z }]`,
        /freeze\[0\]\.from: an instant with its offset is wanted, on a day that there is/,
      ] as const,
  ),
  ...[0, 65_536, 99_999].map(
    (port) =>
      [
        `a port that there is not, ${port}`,
        `prometheus: a/b:${port}`,
        /prometheus: .* a port from 1 to 65535/,
      ] as const,
  ),
  ['a Service without its namespace', 'prometheus: prom', /NAMESPACE\/SERVICE/],
] as const)
  test(`refused: ${what}`, () => {
    assert.throws(() => parsePolicy(text), { code: 'policy.malformed', message: problem, userError: true });
  });

test('all problems are told at once', () => {
  assert.throws(() => parsePolicy('freeze: [{}]\nstop: [{}]'), { message: /freeze\[0\].*stop\[0\]/ });
});
