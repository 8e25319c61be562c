import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleTrial } from '../../../reports/testing/sample-journal.ts';
import { FiredrillError } from '../errors.ts';
import { chainLine } from './chain.ts';
import type { EntryKind } from './journal.ts';
import { JournalParser, type JournalContent } from './parse-journal.ts';

const ENTRIES = sampleTrial({ shape: 'held', title: 'wide characters, too: Größe, 大きさ' }).entries.slice(
  0,
  40,
);
const LINES = ENTRIES.map((entry) => JSON.stringify(entry));
const WHOLE = `${LINES.join('\n')}\n`;
const CHAINED = chained(LINES);

function chained(lines: readonly string[]): string[] {
  let digest = '';
  return lines.map((json) => {
    const next = chainLine(digest, json);
    digest = next.digest;
    return next.line;
  });
}

function parse(text: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY): JournalContent {
  const bytes = Buffer.from(text);
  const parser = new JournalParser('trials/a/journal.jsonl');
  for (let start = 0; start < bytes.length; start += pieceBytes)
    parser.push(bytes.subarray(start, start + pieceBytes));
  return parser.end();
}

test('a journal cut off at any byte still gives every whole line', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: WHOLE.length }), (length) => {
      const cut = WHOLE.slice(0, length);
      const { entries, torn, wholeBytes } = parse(cut);
      assert.equal(wholeBytes, Buffer.byteLength(cut.slice(0, cut.lastIndexOf('\n') + 1)));
      assert.equal(entries.length, cut.split('\n').length - 1);
      assert.equal(torn, cut !== '' && !cut.endsWith('\n'));
    }),
  );
});

test('a journal says the same, whatever the pieces that it is read in', () => {
  const text = `${CHAINED.join('\n')}\n`;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_000 }), (pieceBytes) => {
      assert.deepEqual(parse(text, pieceBytes), parse(text));
    }),
    { numRuns: 40 },
  );
});

test('a last line without its newline is left out even if it parses: it may have lost digits of its last number', () => {
  const { entries, torn } = parse(WHOLE.trimEnd());
  assert.deepEqual([entries.length, torn], [LINES.length - 1, true]);
});

test('a byte order mark and empty lines at the end are no damage', () => {
  for (const text of [
    `\ufeff${WHOLE}`,
    `${WHOLE}\n`,
    `${WHOLE}\r\n  \n`,
    `\ufeff${CHAINED.join('\n')}\n\n`,
  ]) {
    const { entries, torn, proof } = parse(text);
    assert.deepEqual([entries, torn], [ENTRIES, false]);
    assert.deepEqual([proof.brokenAt, proof.unreadable], [undefined, undefined]);
  }
});

test('a line before the end that is no entry is named', () => {
  for (const [broken, reason] of [
    ['{"kind":', /not a JSON object/],
    ['[]', /not a JSON object/],
    ['null', /not a JSON object/],
    ['', /an empty line/],
    ['{"seq":1,"monoMs":1,"wallMs":1}', /without "kind"/],
    ['{"kind":"note","seq":1,"monoMs":1}', /"note" without a number in "wallMs"/],
  ] as const) {
    const { unreadable } = parse([LINES[0], broken, ...LINES.slice(1), ''].join('\n')).proof;
    assert.equal(unreadable?.line, 2);
    assert.match(unreadable.reason, reason);
  }
});

test('a line that lacks what its kind is read for, or has it as something else, is named', () => {
  const cases: [kind: EntryKind, fields: object, reason: RegExp][] = [
    ['gate', { ok: 'false' }, /"gate" without true or false in "ok"/],
    ['fault.resolved', { podsHit: null }, /without a number from 0 on in "podsHit"/],
    ['fault.resolved', { podsHit: -1 }, /without a number from 0 on in "podsHit"/],
    ['fault.resolved', { targets: undefined }, /without a list of objects in "targets"/],
    ['fault.effective', { errorMs: '5' }, /without a number from 0 on in "errorMs"/],
    ['probe.sample', { dueMonoMs: '5' }, /without a number in "dueMonoMs"/],
    ['probe.sample', { lateMs: null }, /without a number in "lateMs"/],
    ['promql.series', { points: [[5, true]] }, /without a list of instants with values in "points"/],
    ['slo.claim', { withinMs: null }, /without a number from 0 on in "withinMs"/],
    ['slo.claim', { bound: null }, /without an object in "bound"/],
    ['trial.ended', { how: 'done' }, /without one of finished, failed, .* in "how"/],
    ['trial.ended', { wallMs: 1e300 }, /without a number in "wallMs"/],
  ];
  const { entries } = sampleTrial({ shape: 'held' });
  for (const [kind, fields, reason] of cases) {
    const at = entries.findIndex((entry) => entry.kind === kind);
    const lines = entries.map((entry, nth) => JSON.stringify(nth === at ? { ...entry, ...fields } : entry));
    const { unreadable } = parse(`${lines.join('\n')}\n{}\n{}\n`).proof;
    assert.equal(unreadable?.line, at + 1, kind);
    assert.match(unreadable.reason, reason);
  }
});

test('a file without one entry is no journal', () => {
  assert.throws(
    () => parse('# A title\n\nSome words.\n'),
    (error) =>
      error instanceof FiredrillError &&
      error.code === 'journal.damaged' &&
      error.message.startsWith('trials/a/journal.jsonl:1: '),
  );
});

test('an empty journal has no entries and is not torn', () => {
  assert.deepEqual(parse(''), { entries: [], proof: {}, torn: false, wholeBytes: 0 });
});

test('lines that carry their digests are read as they were written, and end with the last digest', () => {
  const { entries, proof } = parse(`${CHAINED.join('\n')}\n`);
  assert.deepEqual(entries, ENTRIES);
  assert.deepEqual(proof, { digest: /"digest":"([0-9a-f]{32})"\}$/.exec(CHAINED.at(-1)!)?.[1] });
});

test('of lines that carry their digests the one that was changed, cut, moved, added or stripped is named', () => {
  const other = chained(LINES.map((line) => line.replace('node-2', 'node-3')));
  const cases: [string, readonly string[], number][] = [
    ['changed', CHAINED.with(9, CHAINED[9]!.replace('"seq":9', '"seq": 9')), 10],
    ['its digest changed', CHAINED.with(9, CHAINED[9]!.replace(/.{4}"\}$/, '0000"}')), 10],
    ['cut', CHAINED.toSpliced(9, 1), 10],
    ['moved', [...CHAINED.slice(0, 9), CHAINED[10]!, CHAINED[9]!, ...CHAINED.slice(11)], 10],
    ['added without a digest', CHAINED.toSpliced(9, 0, LINES[9]!), 10],
    ['added with one of its own', CHAINED.toSpliced(9, 0, chainLine('', LINES[9]!).line), 10],
    ['its digest stripped', CHAINED.with(9, LINES[9]!), 10],
    ['that of another journal', CHAINED.with(-1, other.at(-1)!), LINES.length],
    ['the first one cut', CHAINED.slice(1), 1],
    ['the digest of the first one stripped', CHAINED.with(0, LINES[0]!), 2],
    ['one that carries a digest among others', LINES.with(9, chainLine('', LINES[9]!).line), 10],
  ];
  for (const [what, lines, line] of cases)
    assert.equal(parse(`${lines.join('\n')}\n`).proof.brokenAt, line, what);
});

test('any byte of a line with a digest is proven by it', () => {
  const bytes = Buffer.from(`${CHAINED.join('\n')}\n`);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: bytes.length - 2 }),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ change;
        const { proof, torn, entries } = parse(changed);
        const told =
          proof.brokenAt ?? proof.unreadable?.line ?? (torn || entries.length < LINES.length ? 1 : undefined);
        assert.ok(told !== undefined, `byte ${at}`);
      },
    ),
    { numRuns: 300 },
  );
});
