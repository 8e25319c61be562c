import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { sampleTrial } from '../testing/sample-journal.ts';
import {
  formatFooter,
  formatHeader,
  formatProgress,
  formatStep,
  formatTrial,
  PLAIN,
  replaceLine,
  terminalStyle,
} from './index.ts';
import { screenWidth } from './style.ts';

const HEADER = {
  provider: 'embedded',
  kubernetesVersion: 'v1.36.3',
  nodes: [
    { zone: 'zone-1', role: 'worker' },
    { zone: 'zone-2', role: 'worker' },
    { zone: 'zone-1', role: 'infra' },
  ],
  machineProfile: 'bmc',
  seed: 7141,
};

test('the first line says where it runs and with which seed; the infra node is no worker', () => {
  assert.equal(
    formatHeader(HEADER, PLAIN),
    'firedrill · embedded Kubernetes 1.36 · 2 workers in 2 zones · machine interface bmc · seed 7141',
  );
});

test('a version that is not known yet is left out', () => {
  assert.match(
    formatHeader({ ...HEADER, provider: 'kind', kubernetesVersion: '' }, PLAIN),
    / · kind · 2 workers/,
  );
});

test('steps stand in columns', () => {
  assert.deepEqual(
    [
      formatStep({ name: 'tools', detail: 'cached', durationMs: 100 }, PLAIN),
      formatStep(
        { name: 'monitoring', detail: 'Prometheus, Alertmanager, exporter', durationMs: 13_200 },
        PLAIN,
      ),
    ],
    [
      '  tools       cached                                            0.1 s',
      '  monitoring  Prometheus, Alertmanager, exporter               13.2 s',
    ],
  );
});

test('a trial that held, line by line', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  assert.deepEqual(formatTrial(verdict, entries, PLAIN).split('\n'), [
    '  ✓ node-loss › the storefront survives the loss of a node',
    '      fault      node-2 powered off, 2 of 6 replicas on it      effective +0.02 s',
    '      detected   +1.4 s    machine is off, kubelet silent',
    '      acted      +1.5 s    cordoned, proof of power-off, 2 pods replaced',
    '      restored   +3.70 s (3.63 to 4.09)  users served again    SLO <= 10 s held    stock Kubernetes: about  54 s, measured apart',
    '      capacity   +6.32 s (6.29 to 6.34)  6 of 6 Ready                              stock Kubernetes: about 355 s, measured apart',
    '      users      26 of 481 requests failed; 0.005 % of the 30-day budget',
  ]);
});

test('what was not measured is not printed', () => {
  const { verdict, entries } = sampleTrial({ shape: 'inconclusive' });
  const text = formatTrial(verdict, entries, PLAIN);
  for (const word of ['detected', 'acted', 'restored', 'capacity', 'stock Kubernetes'])
    assert.ok(!text.includes(word), word);
  assert.match(text, /no effect seen within 5\.0 s/);
});

test('of a figure that is unknown it is said why', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const capacity = { kind: 'unknown', reason: 'the API never noticed the loss' } as const;
  assert.match(
    formatTrial({ ...verdict, capacity }, entries, PLAIN),
    /^ {6}capacity {3}unknown {3}the API never noticed the loss$/m,
  );
});

test('stock figures are left out beside a fault that they do not belong to', () => {
  for (const faultKind of ['pod.kill', 'node.freeze', 'node.cable-out']) {
    const { verdict, entries } = sampleTrial({ shape: 'held', faultKind });
    assert.doesNotMatch(formatTrial(verdict, entries, PLAIN), /stock/, faultKind);
  }
});

test('stock figures are left out beside a control', () => {
  const { verdict, entries } = sampleTrial({ shape: 'violated' });
  assert.doesNotMatch(formatTrial(verdict, entries, PLAIN), /stock/);
});

test('a trial that never recovered is given no number, and ends with why', () => {
  const { verdict, entries } = sampleTrial({ shape: 'censored' });
  const lines = formatTrial(verdict, entries, PLAIN).split('\n');
  assert.match(lines[0]!, /^ {2}✗ .* violated$/);
  assert.ok(
    lines.some((line) =>
      /restored {3}> 120 s +users not served again within 120 s +SLO <= 10 s violated/.test(line),
    ),
  );
  assert.match(lines.at(-1)!, /^ {6}why {8}not recovered within 120 s/);
});

test('a trial that cannot say begins with a question mark', () => {
  const { verdict, entries } = sampleTrial({ shape: 'inconclusive' });
  assert.match(formatTrial(verdict, entries, PLAIN), /^ {2}\? .* inconclusive\n/);
});

test('a control that is violated as expected is a success, and says so', () => {
  const { verdict, entries } = sampleTrial({ shape: 'violated' });
  assert.match(
    formatTrial(verdict, entries, PLAIN).split('\n')[0]!,
    /^ {2}✓ .* \(control\) {2}violated, as expected$/,
  );
});

test('the last lines are the outcome with its page, and the line that runs it again', () => {
  const { verdict } = sampleTrial({ shape: 'held' });
  const facts = {
    indexHtml: 'reports/out/R/index.html',
    again: 'npm test -- scenarios/node-loss --seed 7141',
  };
  assert.equal(
    formatFooter({ outcome: 'held', verdicts: [verdict], ...facts }, PLAIN),
    '  HELD    reports/out/R/index.html\n  again:  npm test -- scenarios/node-loss --seed 7141',
  );
});

test('a failure ends with the line that reproduces it and the one place to look', () => {
  const verdicts = [sampleTrial({ shape: 'held' }), sampleTrial({ shape: 'censored', seed: 8 })].map(
    (one) => one.verdict,
  );
  const lines = formatFooter(
    { outcome: 'violated', verdicts, indexHtml: 'R/index.html', logs: 'R/logs', again: 'npm test' },
    PLAIN,
  ).split('\n');
  assert.deepEqual(lines.slice(-3), [
    '  VIOLATED  R/index.html#node-loss-censored-8',
    '  logs:     R/logs',
    '  again:    npm test -- scenarios/node-loss --seed 8',
  ]);
  assert.match(lines[0]!, /2 trials: 1 held, 1 violated; 1 of 2 as expected/);
});

test('colours change nothing but the colour', () => {
  const style = terminalStyle({ isTTY: true, columns: 200 }, {});
  for (const shape of ['held', 'censored', 'inconclusive'] as const) {
    const { verdict, entries } = sampleTrial({ shape });
    const coloured = formatTrial(verdict, entries, style);
    assert.notEqual(coloured, stripVTControlCharacters(coloured));
    assert.equal(stripVTControlCharacters(coloured), formatTrial(verdict, entries, PLAIN));
  }
});

test('NO_COLOR, a dumb terminal and a pipe get no codes', () => {
  const terminal = { isTTY: true, columns: 80 };
  assert.equal(terminalStyle(terminal, { NO_COLOR: '1' }).colour, false);
  assert.equal(terminalStyle(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }).colour, false);
  assert.equal(terminalStyle(terminal, { NO_COLOR: '' }).colour, true);
  assert.deepEqual(terminalStyle(terminal, { TERM: 'dumb' }), PLAIN);
  assert.deepEqual(terminalStyle({}, {}), PLAIN);
});

test('no line is wider than the terminal where it can be helped', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const style = { ...PLAIN, columns: 84 };
  for (const line of formatTrial(verdict, entries, style).split('\n'))
    assert.ok(screenWidth(line) <= 84, line);
});

test('progress stays on one line and is cut to it', () => {
  const style = { colour: false, inPlace: true, columns: 60 };
  const line = formatProgress(
    {
      name: 'cluster',
      activity: 'waiting for node-3 to be Ready, kubelet has not registered yet',
      elapsedMs: 2100,
    },
    style,
  );
  assert.ok(screenWidth(line) < 60, line);
  assert.ok(replaceLine(line).startsWith('\r'));
});

test('text from a cluster cannot move the cursor', () => {
  const { verdict, entries } = sampleTrial({ shape: 'censored', title: 'a \u001b[2J\u0007b\r\nc' });
  const text = formatTrial({ ...verdict, reason: 'x\u001b[1Ay\nz' }, entries, PLAIN);
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001f]/);
  assert.match(text, /a +b c/);
});
