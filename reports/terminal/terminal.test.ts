import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { given } from '../../harness/core/given.ts';
import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Outcome, Verdict } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import {
  formatFooter,
  formatHeader,
  formatProgress,
  formatStep,
  formatStepLine,
  formatTrial,
  PLAIN,
  replaceLine,
  terminalStyle,
} from './index.ts';
import { padTo, paint, screenWidth, toneOf } from './style.ts';

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

test('a character takes the cells that a terminal gives it', () => {
  const widths: Readonly<Record<string, number>> = {
    ...{ '': 0, a: 1, ä: 1, 'a\u0308': 1, '›': 1, '✓': 1, '\u200b': 0, '\u001b[31mab\u001b[0m': 2 },
    ...{ '\u1100': 2, '\u10ff': 1, 語: 2, あ: 2, 한: 2, '\uff21': 2, ｱ: 1, '✅': 2, '🙂': 2, a語b: 4 },
  };
  for (const [text, width] of Object.entries(widths))
    assert.equal(screenWidth(text), width, JSON.stringify(text));
  assert.deepEqual([padTo('語', 4), padTo('abcd', 4), padTo('abcde', 4)], ['語  ', 'abcd', 'abcde']);
});

test('each outcome has its colour, where there are colours', () => {
  const style = { ...PLAIN, colour: true };
  assert.deepEqual((['held', 'violated', 'inconclusive'] as const).map(toneOf), ['good', 'bad', 'doubt']);
  const tones = ['good', 'bad', 'doubt', 'dim', 'bold'] as const;
  assert.deepEqual(
    tones.map((tone) => /\[(\d+)m/.exec(paint('a', tone, style))?.[1]),
    ['32', '31', '33', '2', '1'],
  );
  assert.equal(paint('a', 'bad', PLAIN), 'a');
});

test('colours can be asked for elsewhere, and lines are drawn over again only for a reader who sits there', () => {
  const terminal = { isTTY: true, columns: 90 };
  const colour = (FORCE_COLOR: string) => terminalStyle({}, { FORCE_COLOR }).colour;
  assert.deepEqual(['1', '0', ''].map(colour), [true, false, false]);
  assert.deepEqual(terminalStyle(terminal, {}), { colour: true, inPlace: true, columns: 90 });
  assert.deepEqual(terminalStyle(terminal, { CI: 'true' }), { colour: true, inPlace: false, columns: 90 });
  assert.equal(terminalStyle({ isTTY: true }, {}).columns, 80);
  assert.equal(terminalStyle({ columns: 90 }, {}).columns, Infinity);
  // That is what a terminal says whose size nobody has set.
  assert.equal(terminalStyle({ isTTY: true, columns: 0 }, {}).columns, 80);
});

test('of one worker and one zone there is one, and a version that is no number is shown as it is', () => {
  const nodes = [{ zone: 'a', role: 'worker' }];
  assert.match(formatHeader({ ...HEADER, nodes }, PLAIN), / · 1 worker in 1 zone · /);
  assert.match(formatHeader({ ...HEADER, nodes: [...nodes, ...nodes] }, PLAIN), / · 2 workers in 1 zone · /);
  const version = (kubernetesVersion: string) =>
    formatHeader({ ...HEADER, kubernetesVersion }, PLAIN).split(' · ')[1];
  assert.deepEqual(['1.36.0-rc.1', 'latest'].map(version), [
    'embedded Kubernetes 1.36',
    'embedded Kubernetes latest',
  ]);
});

test('a line below a step, a step in a narrow terminal and a step under way keep their columns', () => {
  assert.equal(formatStepLine('tools', 'cached', PLAIN), '  tools       cached');
  assert.equal(formatStepLine('', 'cached', PLAIN), '              cached');
  const step = { name: 'tools', detail: 'cached', durationMs: 100 };
  assert.equal(formatStep(step, { ...PLAIN, columns: 44 }), `  tools       cached${' '.repeat(14)}    0.1 s`);
  assert.equal(formatStep(step, { ...PLAIN, columns: 20 }), '  tools       cached        0.1 s');
  const progress = (activity: string, columns: number, inPlace = true) =>
    formatProgress({ name: 'tools', activity, elapsedMs: 2_100 }, { ...PLAIN, columns, inPlace });
  assert.equal(progress('fetching', 60, false), '  tools       fetching ...');
  assert.equal(progress('fetching', 44), `  tools       fetching${' '.repeat(12)}    2.1 s`);
  assert.equal(progress('0123456789', 10), '  tools       0123456789    2.1 s');
  assert.equal(progress('0123456789a', 10), '  tools       012345678…    2.1 s');
  assert.equal(progress('01234567語語', 10), '  tools       01234567…     2.1 s');
  assert.equal(replaceLine('a'), '\r\u001b[2Ka');
});

test('of one trial the page is enough, and the tally names each outcome that there is', () => {
  const { verdict } = sampleTrial({ shape: 'censored' });
  const footer = (verdicts: readonly Verdict[], outcome: Outcome, again = 'npm test') =>
    formatFooter({ outcome, verdicts, indexHtml: 'R/index.html', again }, PLAIN).split('\n');
  assert.deepEqual(footer([verdict], 'violated', 'all'), [
    '  VIOLATED  R/index.html',
    `  again:    ${verdict.again}`,
  ]);
  assert.deepEqual(footer([{ ...verdict, again: '' }], 'violated'), [
    '  VIOLATED  R/index.html',
    '  again:    npm test',
  ]);
  assert.deepEqual(footer([], 'held', ''), ['  HELD    R/index.html']);
  const held: Verdict = { ...verdict, outcome: 'held', asExpected: true };
  const doubtful: Verdict = { ...verdict, outcome: 'inconclusive', trialId: 'third' };
  assert.deepEqual(footer([held, held, doubtful], 'inconclusive'), [
    `  ${' '.repeat(14)}3 trials: 2 held, 1 inconclusive; 2 of 3 as expected`,
    '  INCONCLUSIVE  R/index.html#third',
    `  again:        ${verdict.again}`,
  ]);
  assert.deepEqual(footer([held, held], 'held').slice(1), ['  HELD    R/index.html', '  again:  npm test']);
});

test('the title of a trial tells how it came out wherever that is not what was to be', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held', scenario: 's', title: 't' });
  const style = { ...PLAIN, colour: true };
  const titleOf = (outcome: Outcome, expected: Outcome) => {
    const told = { ...verdict, outcome, expected, asExpected: outcome === expected };
    const [line = ''] = formatTrial(told, entries, style).split('\n');
    return [stripVTControlCharacters(line), /\[(\d+)m/.exec(line)?.[1]];
  };
  assert.deepEqual(titleOf('held', 'held'), ['  ✓ s › t', '32']);
  assert.deepEqual(titleOf('violated', 'violated'), ['  ✓ s › t  violated, as expected', '32']);
  assert.deepEqual(titleOf('violated', 'held'), ['  ✗ s › t  violated', '31']);
  assert.deepEqual(titleOf('inconclusive', 'held'), ['  ? s › t  inconclusive', '33']);
  assert.deepEqual(titleOf('held', 'violated'), ['  ✗ s › t  held, expected violated', '31']);
  assert.deepEqual(titleOf('inconclusive', 'violated'), ['  ? s › t  inconclusive, expected violated', '33']);
});

/** The lines of a trial whose verdict or entries are others. */
function linesOf(
  change: Partial<Verdict>,
  changed: (entry: Entry) => readonly object[] = (entry) => [entry],
  columns = Infinity,
): readonly string[] {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const told = entries.flatMap(changed) as readonly Entry[];
  return formatTrial({ ...verdict, ...change }, told, { ...PLAIN, columns })
    .split('\n')
    .slice(1);
}
const lineOf = (name: string, lines: readonly string[]) =>
  lines.filter((line) => line.startsWith(`      ${name} `));

test('a fault is told with the replicas that it hit, and with the proof of its effect', () => {
  const fault = (changed: (entry: Entry) => readonly object[]) =>
    lineOf('fault', linesOf({}, changed))[0]?.trim();
  const resolved = (change: object) => (entry: Entry) =>
    entry.kind === 'fault.resolved' ? [{ ...entry, ...change }] : [entry];
  assert.match(fault(resolved({ podsTotal: 0 })) ?? '', /^fault {6}node-2 powered off {6}effective/);
  assert.match(
    fault(resolved({ podsTotal: 1, podsHit: 1 })) ?? '',
    /off, 1 of 1 replicas on it {6}effective/,
  );
  const ofPod = (entry: Entry) =>
    entry.kind === 'fault.requested'
      ? [{ ...entry, fault: { ...entry.fault, target: { kind: 'pod', mode: 'one' } } }]
      : [entry];
  assert.match(fault(ofPod) ?? '', /2 of 6 replicas {6}effective/);
  const unseen = (entry: Entry) => (entry.kind === 'fault.effective' ? [] : [entry]);
  assert.match(fault(unseen) ?? '', /^fault {6}node\.power-off on node-2, .* {6}not seen to take effect$/);
});

test('what became of users and replicas is told for each way in which it can end', () => {
  const restored = (recovery: Verdict['recovery']) => lineOf('restored', linesOf({ recovery }))[0]?.trim();
  assert.match(restored({ kind: 'no-impact' }) ?? '', /^restored {3}none {6}no impact was seen .*stock/);
  assert.match(
    restored({ kind: 'unknown', reason: 'why' }) ?? '',
    /^restored {3}unknown {3}why +SLO <= 10 s held$/,
  );
  const bare = (entry: Entry) => (entry.kind === 'capacity' ? [] : [entry]);
  const capacity = (change: Partial<Verdict>, changed?: (entry: Entry) => readonly object[]) =>
    lineOf('capacity', linesOf(change, changed))[0]?.trim() ?? '';
  assert.match(capacity({}, bare), /\) {2}all Ready /);
  const censored = { kind: 'censored', atLeastMs: 123_000 } as const;
  assert.match(capacity({ capacity: censored }, bare), /^capacity {3}> 123 s {3}not all Ready within 123 s /);
  assert.match(capacity({ capacity: censored }), /6 of 6 Ready within 123 s /);
  const kinds = (capacity: Verdict['capacity']) =>
    /stock/.test(lineOf('capacity', linesOf({ capacity }))[0] ?? '');
  assert.deepEqual([kinds(censored), kinds({ kind: 'unknown', reason: '' })], [true, false]);
});

test('other claims, the end of the journal and the reason stand below, an assertion only where it did not hold', () => {
  const { verdict } = sampleTrial({ shape: 'held' });
  const [finding] = verdict.findings;
  assert.ok(finding);
  const asked = (claim: string) => (entry: Entry) =>
    entry.kind === 'slo.claim'
      ? [entry, { ...entry, claim, claimId: 'other', withinMs: undefined }]
      : [entry];
  const found = (outcome: Outcome) => ({
    findings: [...verdict.findings, { ...finding, claimId: 'other', outcome, reason: 'because' }],
  });
  const claims = (claim: string, change: Partial<Verdict>) =>
    lineOf('claim', linesOf(change, asked(claim))).map((line) => line.trim().replace(/ +/g, ' '));
  assert.deepEqual(claims('assertion', found('held')), []);
  assert.deepEqual(claims('assertion', found('violated')), ['claim because violated']);
  assert.deepEqual(claims('stay-silent', found('held')), ['claim because held']);
  assert.deepEqual(claims('stay-silent', {}), ['claim stay-silent inconclusive']);
  for (const claim of ['recover-within', 'capacity-within'])
    assert.deepEqual(claims(claim, found('held')), []);
  assert.deepEqual(lineOf('journal', linesOf({ journalDigest: 'sha256:1' })), [
    '      journal    ends with sha256:1',
  ]);
  const why = (change: Partial<Verdict>) => lineOf('why', linesOf({ ...change, reason: 'x' }));
  assert.deepEqual(why({}), []);
  assert.deepEqual(why({ asExpected: false }), ['      why        x']);
  assert.deepEqual(why({ outcome: 'violated' }), ['      why        x']);
  assert.deepEqual(linesOf({ outcome: 'inconclusive', reason: '[stage.not-ours] x\n  next: y' }).slice(-2), [
    '      why        [stage.not-ours] x',
    '                 next: y',
  ]);
  const unbounded = (entry: Entry) => (entry.kind === 'slo.claim' ? [] : [entry]);
  const users = lineOf('users', linesOf({ requests: { total: 5, failed: 1 } }, unbounded));
  assert.deepEqual(users, ['      users      1 of 5 requests failed']);
});

test('the first write is told by all writes that followed where the healer has told them', () => {
  const acted = (changed: (entry: Entry) => readonly object[], change: Partial<Verdict> = {}) =>
    lineOf('acted', linesOf(change, changed))[0]?.replace(/^ {6}acted +\S+ s +/, '');
  const { verdict } = sampleTrial({ shape: 'held' });
  const marks = (seenBy: string, detail?: string) => ({
    marks: verdict.marks.map((mark) =>
      mark.name === 'acted' ? given({ ...mark, seenBy, detail }) : mark,
    ) as Verdict['marks'],
  });
  const all = (entry: Entry): readonly object[] => [entry];
  assert.equal(acted(all, marks('healer', 'first')), 'cordoned, proof of power-off, 2 pods replaced');
  assert.equal(acted(all, marks('api.audit', 'first')), 'first');
  assert.equal(acted(all, marks('api.audit')), 'seen by api.audit');
  assert.equal(
    acted((entry) => (entry.kind === 'healer' ? [] : [entry]), marks('healer', 'first')),
    'first',
  );
});

test('what the healer has refused stands beside what it did, each once, where a trial did not hold', () => {
  const refused = (detail: string) => ({ event: 'refused', detail, result: undefined });
  const lines = (change: Partial<Verdict>) =>
    lineOf(
      'refused',
      linesOf(change, (entry) =>
        entry.kind !== 'healer'
          ? [entry]
          : [
              { ...entry, ...refused('no proof') },
              { ...entry, ...refused('no budget') },
            ],
      ),
    );
  assert.deepEqual(lines({ outcome: 'violated' }), ['      refused    no proof, no budget']);
  assert.deepEqual(lines({}), []);
});

test('a line that is as wide as the terminal stays one, and one that is wider goes on below, in one line or more', () => {
  const whole = linesOf({});
  const widest = Math.max(...whole.map(screenWidth));
  const [restored = ''] = lineOf('restored', whole);
  assert.equal(screenWidth(restored), widest);
  assert.deepEqual(linesOf({}, undefined, widest), whole);
  const under = ' '.repeat(27);
  const stock = 'stock Kubernetes: about  54 s, measured apart';
  const start = '      restored   +3.70 s (3.63 to 4.09)  users served again';
  const below = (columns: number) => {
    const lines = linesOf({}, undefined, columns);
    const index = lines.indexOf(start);
    return lines.slice(
      index + 1,
      lines.findIndex((line) => line.startsWith('      capacity')),
    );
  };
  const joined = `${under}SLO <= 10 s held    ${stock}`;
  assert.deepEqual(below(widest - 1), [joined]);
  assert.deepEqual(below(screenWidth(joined)), [joined]);
  const unclaimed = (entry: Entry) => (entry.kind === 'slo.claim' ? [] : [entry]);
  assert.deepEqual(
    linesOf({}, unclaimed, 84).filter((line) => line.startsWith(under)),
    [under + stock, under + stock.replace(' 54', '355')],
  );
  const wide = linesOf({ asExpected: false, reason: 'x'.repeat(90) }, undefined, 84);
  assert.equal(wide.at(-1), `      why        ${'x'.repeat(90)}`);
  assert.deepEqual(below(screenWidth(joined) - 1), [`${under}SLO <= 10 s held`, under + stock]);
});
