import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { followAudit } from './audit-log.ts';
import { watchEngine } from './engine-events.ts';

const directory = mkdtempSync(join(tmpdir(), 'firedrill-follow-'));
const path = process.env['PATH'] ?? '';
before(() => {
  process.env['PATH'] = `${directory}${delimiter}${path}`;
});
after(() => {
  process.env['PATH'] = path;
  rmSync(directory, { recursive: true, force: true });
});

/** An engine that runs this script, whatever it is asked. */
function engineDoes(script: string): void {
  writeFileSync(join(directory, 'docker'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'docker'), 0o755);
}

test('an audit log that breaks off in the middle of a line goes on with that line, and tells no event twice', async () => {
  const log = join(directory, 'log');
  writeFileSync(log, '{"n":1}\n{"n":2}\n{"n":3}\n');
  // The first life ends within the third line; the next ones begin where they are told to: `exec NODE tail -n +N`.
  engineDoes(
    `if [ -e ${directory}/again ]; then tail -n "$5" ${log}; exec sleep 60; fi\n` +
      `touch ${directory}/again; head -c 20 ${log}; echo`,
  );
  const stop = new AbortController();
  const seen = await new Promise<unknown[]>((resolve) => {
    const events: unknown[] = [];
    followAudit(
      'docker',
      'node',
      (event) => {
        events.push(event['n']);
        if (event['n'] === 3) resolve(events);
      },
      stop.signal,
    );
  });
  stop.abort();
  assert.deepEqual(seen, [1, 2, 3]);
});

test('an engine that has ceased to tell is looked at, and listened to again', async () => {
  engineDoes('echo started');
  const stop = new AbortController();
  let calls = 0;
  await new Promise<void>((resolve) => {
    // Twice what it says, and twice that it ended.
    const onChange = (): void => {
      calls++;
      if (calls === 4) resolve();
    };
    watchEngine('docker', 'fd-a', onChange, stop.signal);
  });
  stop.abort();
  assert.ok(calls >= 4);
});
