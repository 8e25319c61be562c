import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { networkFeatures } from './network-features.ts';

const folder = temporaryDirectory('network');
const { signal } = new AbortController();

/** A program that does this. */
function program(name: string, line: string): string {
  writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o700 });
  return join(folder, name);
}

const entering = program('unshare', 'shift; exec "$@"');
const willing = program('willing', 'exit 0');
const found = async (unshare: string, iptables: string) => {
  const { ok, found } = await networkFeatures({ unshare, ip: willing, iptables }, signal);
  return [ok, found];
};

test('what the kernel lacks of the network of a cluster is named, and all of it is there where every command succeeds', async () => {
  assert.deepEqual(await found(entering, willing), [true, 'bridge, veth, nat, conntrack, statistic']);
  const lacking = program('iptables', 'case "$*" in *MASQ* | *statistic*) exit 1 ;; esac');
  assert.deepEqual(await found(entering, lacking), [false, 'the kernel lacks: nat, statistic']);
});

test('where no network namespace can be made, the reason is told', async () => {
  const refusing = program('refusing', 'echo not permitted >&2; exit 1');
  assert.deepEqual(await found(refusing, willing), [false, 'no network namespace: not permitted']);
});
