import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { SupervisorClient } from './client.ts';
import { ANSWERS } from './protocol.ts';

const HOLDER = { id: 'h', session: 's', pid: 1, undos: 0 };

/** What a client hears of a supervisor that answers this. */
async function hear<T>(answer: string, listen: (client: SupervisorClient) => Promise<T>): Promise<T> {
  const socket = join(temporaryDirectory('old'), 'control.sock');
  const server = createServer((_request, response) => response.end(answer)).listen(socket);
  await once(server, 'listening');
  try {
    return await listen(new SupervisorClient(socket));
  } finally {
    server.close();
  }
}

for (const [what, answer, says] of [
  ['has another word for what was asked', { undone: [], leases: [HOLDER] }, /holds: Invalid input/],
  ['says less of it', { undone: [], holds: [{ ...HOLDER, undos: undefined }] }, /holds\[0\]\.undos: /],
  ['speaks another language', 'hello', /not valid JSON/],
] as const)
  test(`a supervisor of another version that ${what} is told by an error that names key and next step`, async () => {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    await assert.rejects(
      hear(text, (client) => client.ask(ANSWERS.undone, 'GET', '/v1/undone')),
      { code: 'supervisor.unknown-answer', message: says, hint: /firedrill down --name firedrill-old-/ },
    );
  });

test('what a newer supervisor says besides is let through', async () => {
  const answer = { undone: [], holds: [{ ...HOLDER, since: 7 }], mood: 'good' };
  const heard = await hear(JSON.stringify(answer), (client) =>
    client.ask(ANSWERS.undone, 'GET', '/v1/undone'),
  );
  assert.deepEqual(heard, answer);
});

test('of a thing that is only done nothing is read: a cluster of any version can be ended', async () => {
  await hear('"gone"', (client) => client.call('POST', '/v1/down', {}));
});
