import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ContainerEngine } from './engine.ts';
import { findEngine } from './find-engine.ts';
import type { EngineName } from './engine-names.ts';

let directory: string;
let path: string | undefined;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-engine-'));
  path = process.env['PATH'];
});
after(() => {
  process.env['PATH'] = path;
  rmSync(directory, { recursive: true });
});

/** Puts clients of engines on a PATH that has nothing else of that kind. */
function install(clients: Partial<Record<EngineName, string>>): void {
  const bin = mkdtempSync(join(directory, 'bin-'));
  for (const [name, script] of Object.entries(clients)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  process.env['PATH'] = bin;
}

const FORBIDDEN =
  'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1';
const STOPPED =
  'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1';

test('an engine is asked: a client whose server does not answer is none', async () => {
  install({ docker: STOPPED, podman: 'echo 5.4.0' });
  assert.deepEqual(await findEngine({}), { engine: { name: 'podman', version: '5.4.0' } });
  install({ docker: 'echo', podman: 'echo 5.4.0' });
  assert.deepEqual(await findEngine({}), { engine: { name: 'podman', version: '5.4.0' } });
});

test('the first that answers is taken, or the one that is named', async () => {
  install({ docker: 'echo 28.2.1', nerdctl: 'echo 2.1.0' });
  assert.deepEqual(await findEngine({}), { engine: { name: 'docker', version: '28.2.1' } });
  assert.deepEqual(await findEngine({ engine: 'nerdctl' }), {
    engine: { name: 'nerdctl', version: '2.1.0' },
  });
});

test('each absence is explained, with the next step', async () => {
  install({ docker: FORBIDDEN, podman: 'echo "Error: cannot connect to Podman" >&2; exit 125' });
  const { reasons = [] } = (await findEngine({})) as { reasons?: readonly string[] };
  assert.equal(reasons.length, 3);
  assert.match(reasons[0]!, /^Docker is there, and this user may not use it .*group docker/s);
  assert.match(reasons[1]!, /^Podman is installed and does not answer .*start it/s);
  assert.match(reasons[2]!, /^nerdctl is not installed \(install nerdctl\)$/);
});

test('an engine that dies meanwhile is told from one that refuses a request', async () => {
  const engine = new ContainerEngine('docker');
  install({ docker: STOPPED });
  await assert.rejects(engine.call(['pause', 'node']), {
    code: 'engine.silent',
    message: /^Docker is installed and does not answer/,
    hint: /systemctl start docker/,
  });
  // What a program in a container says is not about the engine, whatever words it uses.
  install({ docker: 'echo "cp: cannot stat: No such file or directory, Permission denied" >&2; exit 1' });
  await assert.rejects(engine.exec('node', ['cp']), { code: 'engine.refused', message: /cannot stat/ });
  install({ docker: 'exec /bin/sleep 20' });
  await assert.rejects(engine.call(['ps'], { withinMs: 100 }), {
    code: 'engine.silent',
    message: /no answer within 100 ms/,
  });
});
