import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { KubeClient } from './client.ts';
import { isNotFound, isUnreachable } from './errors.ts';
import { exec } from './exec.ts';
import { portForward } from './port-forward.ts';

const POD = { namespace: 'default', name: 'web-0' };
/** The streaming side of an API server: what a test puts here answers the next connection. */
let answer: (socket: WebSocket, request: IncomingMessage) => void;
let server: Server;
let kube: KubeClient;

before(async () => {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
  server = createServer();
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.includes('/absent/') === true) {
      const body = JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'pods "absent" not found' });
      socket.end(
        `HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => answer(opened, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  kube = new KubeClient({ server: `http://127.0.0.1:${port}`, token: () => 'secret' });
});
after(() => {
  kube.close();
  server.close();
  server.closeAllConnections();
});

const frame = (channel: number, text: string | Buffer) =>
  Buffer.concat([Buffer.of(channel), Buffer.from(text)]);
const status = (value: object) => frame(3, JSON.stringify(value));

test('a command gets its input, and gives output and exit code apart', async () => {
  answer = (socket, request) => {
    assert.equal(request.headers.authorization, 'Bearer secret');
    assert.equal(request.headers['sec-websocket-protocol'], 'v5.channel.k8s.io');
    assert.match(
      request.url ?? '',
      /\/pods\/web-0\/exec\?command=sh&command=-c&.*stdin=true&stdout=true&stderr=true/,
    );
    const input: Buffer[] = [];
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0) input.push(data.subarray(1));
      if (data[0] !== 255) return;
      assert.equal(data[1], 0);
      socket.send(frame(1, Buffer.concat(input)));
      socket.send(frame(2, 'oh no'));
      const causes = [{ reason: 'ExitCode', message: '7' }];
      socket.send(status({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes } }));
    });
  };
  const { exitCode, stdout, stderr } = await exec(kube, POD, ['sh', '-c', 'cat; echo oh no >&2; exit 7'], {
    stdin: 'hello',
  });
  assert.deepEqual([exitCode, stdout.toString(), stderr.toString()], [7, 'hello', 'oh no']);
});

test('success is exit code 0', async () => {
  answer = (socket) => socket.send(status({ status: 'Success' }));
  assert.equal((await exec(kube, POD, ['true'])).exitCode, 0);
});

test('a command that cannot be started, a pod that is not there, and a broken connection are errors', async () => {
  answer = (socket) => socket.send(status({ status: 'Failure', code: 500, message: 'no such file' }));
  await assert.rejects(exec(kube, POD, ['nonsense']), { code: 'kube.exec-failed', message: /no such file/ });
  await assert.rejects(exec(kube, { ...POD, name: 'absent' }, ['true']), isNotFound);
  answer = (socket) => socket.terminate();
  await assert.rejects(exec(kube, POD, ['true']), isUnreachable);
});

test('a signal ends a command that runs, and a limit ends one that writes too much', async () => {
  const stop = new AbortController();
  answer = () => stop.abort(new Error('enough'));
  await assert.rejects(exec(kube, POD, ['sleep'], { signal: stop.signal }), { message: 'enough' });
  answer = (socket) => socket.send(frame(1, Buffer.alloc(2000)));
  await assert.rejects(exec(kube, POD, ['yes'], { maxOutputBytes: 1000 }), { code: 'kube.too-much-output' });
});

test('a forwarded port carries bytes both ways, without the preamble', async () => {
  answer = (socket, request) => {
    assert.match(request.url ?? '', /\/pods\/web-0\/portforward\?ports=8080/);
    socket.send(frame(0, Buffer.of(0x90, 0x1f)));
    socket.send(frame(1, Buffer.of(0x90, 0x1f)));
    socket.on('message', (data: Buffer) => {
      socket.send(frame(0, data.subarray(1).toString().toUpperCase()));
      socket.close();
    });
  };
  const connection = await portForward(kube, POD, 8080);
  connection.write('hello');
  let received = '';
  for await (const chunk of connection) received += String(chunk);
  assert.equal(received, 'HELLO');
});

test('a port where nobody listens breaks the connection with what the kubelet says', async () => {
  answer = (socket) => {
    socket.send(frame(0, Buffer.of(1, 0)));
    socket.send(frame(1, Buffer.of(1, 0)));
    socket.send(frame(1, 'connection refused'));
  };
  const use = async () => {
    const connection = await portForward(kube, POD, 1);
    await once(connection, 'end');
  };
  await assert.rejects(use(), { message: 'port 1 of the pod: connection refused' });
});
