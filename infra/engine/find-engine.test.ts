import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ContainerEngine } from './engine.ts';
import { findEngine } from './find-engine.ts';
import type { EngineName } from './engine-names.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('engine');

/** An environment whose PATH has these clients of engines, and nothing else of that kind. */
function withClients(clients: Partial<Record<EngineName, string>>): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(directory, 'bin-'));
  for (const [name, script] of Object.entries(clients)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: bin };
}

const FORBIDDEN =
  'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1';
const STOPPED =
  'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1';

test('an engine is asked: a client whose server does not answer is none', async () => {
  for (const docker of [STOPPED, 'echo'])
    assert.deepEqual(await findEngine({}, withClients({ docker, podman: 'echo 5.4.0' })), {
      engine: { name: 'podman', version: '5.4.0' },
    });
});

test('the first that answers is taken, or the one that is named', async () => {
  const env = withClients({ docker: 'echo 28.2.1', nerdctl: 'echo 2.1.0' });
  assert.deepEqual(await findEngine({}, env), { engine: { name: 'docker', version: '28.2.1' } });
  assert.deepEqual(await findEngine({ engine: 'nerdctl' }, env), {
    engine: { name: 'nerdctl', version: '2.1.0' },
  });
});

test('each absence is explained, with the next step', async () => {
  const env = withClients({
    docker: FORBIDDEN,
    podman: 'echo "Error: cannot connect to Podman" >&2; exit 125',
  });
  const { reasons = [] } = (await findEngine({}, env)) as { reasons?: readonly string[] };
  assert.equal(reasons.length, 3);
  assert.match(reasons[0]!, /^Docker is there, and this user may not use it .*group docker/s);
  assert.match(reasons[1]!, /^Podman is installed and does not answer .*start it/s);
  assert.match(reasons[2]!, /^nerdctl is not installed \(install nerdctl\)$/);
});

test('an engine that dies meanwhile is told from one that refuses a request', async () => {
  const engine = (docker: string) => new ContainerEngine('docker', withClients({ docker }));
  await assert.rejects(engine(STOPPED).call(['pause', 'node']), {
    code: 'engine.silent',
    message: /^Docker is installed and does not answer/,
    hint: /systemctl start docker/,
  });
  // What a program in a container says is not about the engine, whatever words it uses.
  const words = 'echo "cp: cannot stat: No such file or directory, Permission denied" >&2; exit 1';
  await assert.rejects(engine(words).exec('node', ['cp']), {
    code: 'engine.refused',
    message: /cannot stat/,
  });
  await assert.rejects(engine('exec /bin/sleep 20').call(['ps'], { withinMs: 100 }), {
    code: 'engine.silent',
    message: /no answer within 100 ms/,
  });
});
