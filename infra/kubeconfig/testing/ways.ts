import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { testCertificate } from '../../../healers/testing/certificate.ts';
import { ADMIN_ID_TOKEN } from '../../kube/testing/api-server.ts';
import type { SharedApiServer } from '../../kube/testing/shared-api-server.ts';
import type { Reached } from './kubeconfigs.ts';

const BELOW = '/k8s/clusters/c-1';

/** The ways to an API server that the rows take; all of them end with the stack. */
export async function reachInManyWays(api: SharedApiServer, undo: AsyncDisposableStack): Promise<Reached> {
  const { server, caPem, certPem, keyPem } = api.developer;
  const port = Number(new URL(server).port);
  const otherCa = await testCertificate();

  const listen = async (listener: Server, host = '127.0.0.1'): Promise<number> => {
    listener.listen(0, host);
    await once(listener, 'listening');
    undo.defer(() => {
      listener.close();
      if ('closeAllConnections' in listener) (listener as HttpServer).closeAllConnections();
    });
    return (listener.address() as AddressInfo).port;
  };

  /** Hands on what is asked below the path, with the credentials that come along or with these. */
  const handOn =
    (token?: string): RequestListener =>
    (request, response) => {
      if (token !== undefined && request.headers.authorization !== undefined) {
        response.writeHead(400).end('credentials were shown without TLS');
        return;
      }
      const path = (request.url ?? '').replace(BELOW, '');
      const headers =
        token === undefined ? request.headers : { ...request.headers, authorization: `Bearer ${token}` };
      const options = {
        method: request.method,
        path,
        headers,
        host: '127.0.0.1',
        port,
        ca: caPem,
        agent: false,
      };
      const passed = https.request(options, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      request.pipe(passed);
    };
  // No server counts these among its connections, and an API server that others use after us closes none.
  const joined = new Set<Duplex>();
  undo.defer(() => joined.forEach((socket) => socket.destroy()));
  const join = (socket: Duplex, onward: Duplex): void => {
    for (const each of [socket, onward]) joined.add(each.on('error', () => each.destroy()));
    socket.pipe(onward).pipe(socket);
  };
  const relay = createTcpServer((socket) => join(socket, connect(port, '127.0.0.1')));
  const proxy = createServer().on('connect', (request, socket) => {
    const isKnown = request.url === 'api.example.test:6443';
    const onward = connect(isKnown ? port : 1, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      join(socket, onward);
    });
    onward.on('error', () => socket.destroy());
  });

  const tls = { cert: otherCa.cert, key: otherCa.key };
  return {
    server,
    caPem,
    certPem,
    keyPem,
    otherCa: tls,
    ipv6: `https://[::1]:${await listen(relay, '::1')}`,
    below: `https://127.0.0.1:${await listen(https.createServer(tls, handOn()))}${BELOW}`,
    plain: `http://127.0.0.1:${await listen(createServer(handOn('admin-token')))}${BELOW}`,
    issuer: `https://127.0.0.1:${await listenAsIssuer(tls, listen)}`,
    httpProxy: `http://127.0.0.1:${await listen(proxy)}`,
  };
}

/** An OIDC provider that gives anybody who shows the refresh token a new one: the token of the administrator. */
async function listenAsIssuer(tls: object, listen: (server: Server) => Promise<number>): Promise<number> {
  let issuer = '';
  const server = https.createServer(tls, (request, response) => {
    void text(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
      else if (new URLSearchParams(body).get('refresh_token') === 'refresh')
        response.end(JSON.stringify({ token_type: 'bearer', access_token: 'x', id_token: ADMIN_ID_TOKEN }));
      else response.writeHead(400).end('{}');
    });
  });
  const port = await listen(server);
  issuer = `https://127.0.0.1:${port}`;
  return port;
}
