import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { MachineError } from '../../infra/machines/errors.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';

test('D10 a ledger that cannot be read is told to people', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.observed.seeLedger(bench.server.putLedger({ entries: '[{"attempt":' }));
  bench.losePower('n1');
  await bench.until(180);
  assert.notDeepEqual(bench.records.pages(), []);
});

test('D11 an incident ends with its node, also where the ledger could not be written then', async () => {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.losePower('n1');
  await bench.until(30);
  const write = bench.server.writeLedger.bind(bench.server);
  bench.server.writeLedger = (before, data) => {
    if (!bench.server.nodes.has('n1')) throw new Error('no answer within 2000 ms');
    return write(before, data);
  };
  bench.addNode('n1-r');
  await bench.until(40);
  bench.server.writeLedger = write;
  await bench.until(240);
  given(!bench.server.nodes.has('n1'), 'the node is gone');
  assert.equal(bench.remediations.open, 0);
  assert.equal(bench.records.resolved('n1').length, 1);
});

test('D12 people hear that a treatment has ended when somebody else deletes the node', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.machines.replace = () => {
    throw new MachineError('machines.failed', 'no capacity', { status: 500 });
  };
  bench.losePower('n1');
  await bench.until(40);
  given(bench.records.asked('replace', 'n1') > 0, 'the treatment was under way');
  bench.server.deleteNode('n1');
  await bench.until(100);
  assert.equal(bench.records.resolved('n1').length, 1);
});

test('D34 a healer whose audit cannot be written (disk full) lives on and tells people', () => {
  const bench = new URL('../testing/node-bench.ts', import.meta.url).href;
  const program = `
    import { NodeBench } from ${JSON.stringify(bench)};
    const bench = new NodeBench();
    await bench.calm(4);
    bench.records.onLine = () => { throw new Error('ENOSPC: no space left on device, write'); };
    bench.losePower('n1');
    await bench.until(40);
    console.log(bench.records.pages().length, 'pages');`;
  // A rejection that nobody handles ends a process, and would end this test with another error.
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  given(run.status === 0 || run.stderr.includes('ENOSPC'), run.stderr);
  assert.equal(run.status, 0);
  assert.doesNotMatch(run.stdout, /^0 pages/);
});

test('while the audit cannot be written nothing is begun, what is fenced is finished, and both ends of it are told once', async () => {
  const bench = new NodeBench({ policy: { coolDownMs: 0, replaceAfterMs: 0, maximumInFlight: 2 } });
  await bench.calm(8);
  bench.server.addPod('web-1', 'n1');
  bench.losePower('n1');
  while (bench.records.linesOf('PowerOff', 'n1').length === 0)
    await bench.clock.runUntil(bench.clock.now().monoMs + 1);
  const lines = bench.records.lines.length;
  bench.records.onLine = () => {
    throw new Error('ENOSPC: no space left on device, write');
  };
  await bench.until(40);
  assert.deepEqual([bench.server.pods.size, bench.records.asked('replace', 'n1')], [0, 1]);
  bench.losePower('n2');
  await bench.until(60);
  assert.equal(bench.server.isCordoned('n2'), false);
  const told = () =>
    bench.records.messages.filter(
      ({ text }) => /audit (cannot be|is) written/.test(text) && !text.startsWith('n2'),
    );
  assert.deepEqual(
    told().map(({ severity }) => severity),
    ['critical'],
  );
  assert.equal(bench.records.lines.length, lines);
  bench.records.onLine = () => undefined;
  bench.addNode('n1-r');
  await bench.until(80);
  assert.ok(bench.server.isCordoned('n2'));
  assert.deepEqual(
    told().map(({ severity }) => severity),
    ['critical', 'resolved'],
  );
  assert.match(bench.records.lines[lines]?.detail ?? '', /^[1-9][0-9]* lines are missing: ENOSPC/);
});

test('a step whose decision cannot be written before it is not carried out', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.records.onLine = ({ event }) => {
    if (event === 'decided') throw new Error('ENOSPC: no space left on device, write');
  };
  bench.losePower('n1');
  await bench.until(40);
  given(bench.records.pages().length > 0, 'a decision was to be written');
  assert.equal(bench.server.isCordoned('n1'), false);
});

test('a reason that comes and goes by turns with another one is told to people once', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.changeMetadata('n1', { annotations: { 'healer.firedrill.dev/pause': 'drill' } });
  bench.losePower('n1');
  for (let second = 30; second < 60; second += 10) {
    bench.paused = 'the healer is paused: drill';
    await bench.until(second);
    bench.paused = undefined;
    bench.server.changeMetadata('n1', { labels: { 'healer.firedrill.dev/opt-out': String(second) } });
    await bench.until(second + 5);
    bench.server.changeMetadata('n1', { labels: {} });
  }
  const about = bench.records.lines.filter(({ event }) => event === 'refused').length;
  given(about > 4, 'the reasons took turns');
  assert.equal(bench.records.pages('n1').length, 2);
});

test('people hear of a node that has waited for its turn for a minute, once, and once more when it ends', async () => {
  const bench = new NodeBench();
  await bench.calm(8);
  // Its replacement never comes.
  bench.losePower('n1');
  await bench.until(30);
  bench.losePower('n2');
  await bench.until(80);
  const about = () => bench.records.messages.filter(({ text }) => text.startsWith('n2: '));
  assert.deepEqual(about(), []);
  await bench.until(200);
  assert.deepEqual(
    about().map(({ severity }) => severity),
    ['warning'],
  );
  bench.server.deleteNode('n2');
  await bench.until(300);
  assert.deepEqual(
    about().map(({ severity }) => severity),
    ['warning', 'resolved'],
  );
});
