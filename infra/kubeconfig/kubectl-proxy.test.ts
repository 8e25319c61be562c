import assert from 'node:assert/strict';
import { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { throughKubectl } from './kubectl-proxy.ts';

test('a folder for temporary files whose path leaves no room for a socket is told with the numbers and the variable', () => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = `/tmp/${'a'.repeat(90)}`;
  try {
    assert.throws(() => throughKubectl({ kubectl: '/k', words: [], env: {} }, 'https://api.test', ''), {
      message:
        /a{90} would have a path of 117 bytes, and may have 106: set TMPDIR to a folder with a shorter one/,
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

/** A program in place of kubectl, and how it is called. */
function programThat(...lines: readonly string[]) {
  const kubectl = join(temporaryDirectory('kubectl'), 'kubectl');
  writeFileSync(kubectl, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o700 });
  return { kubectl, words: [], env: { PATH: '/usr/bin:/bin' } };
}

test('kubectl is told to open a connection for each watch, and is left alone once it serves', async (t) => {
  const context = programThat('echo "$DISABLE_HTTP2" > "$0.told"', 'echo Starting to serve', 'exec sleep 60');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const kill = t.mock.method(ChildProcess.prototype, 'kill');
  await throughKubectl(context, 'https://api.test', '').refresh?.();
  t.mock.timers.tick(600_000);
  assert.equal(kill.mock.callCount(), 0);
  assert.equal(readFileSync(`${context.kubectl}.told`, 'utf8'), '1\n');
});

test('what kubectl says of a configuration is the reason, and its log is none', async () => {
  const refresh = async (...lines: readonly string[]) =>
    await throughKubectl(programThat(...lines, 'exit 1'), 'https://api.test', '').refresh?.();
  const bad = { code: 'kube.bad-kubeconfig' };
  await assert.rejects(refresh('echo "error: no auth provider" >&2'), {
    ...bad,
    message: 'kubeconfig: no auth provider',
  });
  await assert.rejects(refresh('echo "E1130 10:00:00.000000 1 proxy.go:1] x" >&2'), {
    ...bad,
    message: /proxy has ended$/,
  });
});

test('a kubeconfig that has changed gets a kubectl of its own, the same one does not', () => {
  const context = programThat();
  const socketOf = (text: string) => throughKubectl(context, 'https://api.test', text).socketPath;
  assert.equal(socketOf('one'), socketOf('one'));
  assert.notEqual(socketOf('one'), socketOf('another'));
});
