import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { SupervisorClient } from './client.ts';
import { ANSWERS } from './protocol.ts';

const HOLDER = { id: 'h', session: 's', pid: 1, undos: 0 };

/** What a client hears of a supervisor that answers this. */
async function hear<T>(
  answer: string | RequestListener,
  listen: (client: SupervisorClient) => Promise<T>,
): Promise<T> {
  const socket = join(temporaryDirectory('old'), 'control.sock');
  const server = createServer(
    typeof answer === 'string' ? (_request, response) => response.end(answer) : answer,
  ).listen(socket);
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

const EVENT = z.object({ n: z.number() });
async function follow(client: SupervisorClient) {
  const heard = [];
  for await (const event of client.lines(EVENT, '/v1/audit', new AbortController().signal)) heard.push(event);
  return heard;
}

test('lines are heard as they were said, however they are cut into pieces', async () => {
  const said: RequestListener = (_request, response) => {
    response.write('{"n":1}\n{"n"');
    setImmediate(() => response.end(':2}\n'));
  };
  assert.deepEqual(await hear(said, follow), [{ n: 1 }, { n: 2 }]);
});

for (const [how, cut] of [
  ['is cut', (response: ServerResponse) => setImmediate(() => response.destroy())],
  ['ends', (response: ServerResponse) => response.end()],
] as const)
  test(`a stream that ${how} within a line is a supervisor that does not answer`, async () => {
    const half: RequestListener = (_request, response) => {
      response.write('{"n":1}\n{"n');
      cut(response);
    };
    await assert.rejects(hear(half, follow), { code: 'supervisor.unreachable' });
  });

test('a supervisor that dies within its answer does not answer', async () => {
  const half: RequestListener = (_request, response) => {
    response.write('{"und');
    setImmediate(() => response.destroy());
  };
  await assert.rejects(
    hear(half, (client) => client.ask(ANSWERS.undone, 'GET', '/v1/undone')),
    { code: 'supervisor.unreachable' },
  );
});

test('a refusal is told as what it is, also where lines were asked for', async () => {
  const refuse: RequestListener = (_request, response) =>
    response.writeHead(500).end(JSON.stringify({ code: 'cluster.stopping', message: 'it goes down' }));
  await assert.rejects(hear(refuse, follow), { code: 'cluster.stopping', message: 'it goes down' });
});
