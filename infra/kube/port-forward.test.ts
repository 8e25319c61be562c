import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import { KubeClient } from './client.ts';
import { isNotFound } from './errors.ts';
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

test('a forwarded port carries bytes both ways, without the preamble', async () => {
  answer = (socket, request) => {
    assert.equal(request.headers.authorization, 'Bearer secret');
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

test('a pod that is not there is told, and a signal ends a line that is open', async () => {
  await assert.rejects(portForward(kube, { ...POD, name: 'absent' }, 80), isNotFound);
  const stop = new AbortController();
  answer = () => stop.abort(new Error('enough'));
  await assert.rejects(portForward(kube, POD, 80, { signal: stop.signal }), { message: 'enough' });
});
