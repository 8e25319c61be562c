import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { ContainerEngine } from '../../engine/engine.ts';
import { watchEngine } from './engine-events.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('follow');
const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` };

/** An engine that runs this script, whatever it is asked. */
function engineDoes(script: string): void {
  writeFileSync(join(directory, 'docker'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'docker'), 0o755);
}

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
    watchEngine(new ContainerEngine('docker', env), 'fd-a', onChange, stop.signal);
  });
  stop.abort();
  assert.ok(calls >= 4);
});
