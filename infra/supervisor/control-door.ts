import { chmodSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import { type VerbParameters, checkParameters, isMachineVerb } from '../machines/verbs.ts';
import { readJson, sendJson } from '../http/http-json.ts';
import { streamJsonLines } from '../http/json-lines.ts';
import type { HoldRequest, DownRequest, LoadImages } from './protocol.ts';
import type { SupervisedCluster } from './supervised-cluster.ts';

const CONNECT_WITHIN_MS = patient(5_000);

const CONFLICTS = ['hold.taken', 'cluster.in-use', 'cluster.quarantined'];

/** Serves the control protocol (see protocol.ts) on a unix socket that only its owner may open. */
export async function openControlDoor(path: string, cluster: SupervisedCluster): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, cluster).then(
      (value) => value !== undefined && sendJson(response, 200, value),
      (error: unknown) => {
        if (response.headersSent) {
          response.destroy();
          return;
        }
        const known = error instanceof FiredrillError ? error : undefined;
        const status =
          known?.code.endsWith('.unknown') === true ? 404 : CONFLICTS.includes(known?.code ?? '') ? 409 : 500;
        sendJson(response, status, {
          code: known?.code ?? 'supervisor.failed',
          message: messageOf(error),
          hint: known?.hint,
          userError: known?.userError ?? false,
        });
      },
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => tunnel(request, socket));
  // The name appears only when the door is open: whoever sees it may connect.
  const unfinished = `${path}~`;
  server.listen(unfinished);
  await once(server, 'listening');
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, path);
  return server;
}

/** The call's answer, or undefined where the response goes on as a stream. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  cluster: SupervisedCluster,
): Promise<object | undefined> {
  const url = new URL(request.url ?? '/', 'http://control');
  const [, version, noun = '', name = '', verb = '', item = ''] = url.pathname
    .split('/')
    .map(decodeURIComponent);
  const call = `${request.method ?? ''} ${version ?? ''}/${noun}${name && '/*'}${verb && `/${verb}`}`;
  const body = async <T>(): Promise<T> => (await readJson(request)) as T;
  const { machines, undoService } = cluster;
  const { holds } = undoService;
  switch (call) {
    case 'GET v1/status':
      return cluster.status();
    case 'GET v1/progress':
      streamJsonLines(response, cluster.progress, cluster.progressSoFar);
      return undefined;
    case 'GET v1/nodes':
      return machines.nodes();
    case 'GET v1/nodes/*':
      return await machines.inspect(name);
    case 'POST v1/nodes/*/replace':
      return { replacement: await machines.replace(name) };
    case 'POST v1/images':
      return { loaded: await machines.loadImages(await body<LoadImages>()) };
    case 'POST v1/holds':
      return { id: holds.take(await body<HoldRequest>()) };
    case 'PUT v1/holds/*/beat':
      holds.beat(name);
      return {};
    case 'PUT v1/holds/*/undos':
      holds.register(name, item, await body<Undo>());
      return {};
    case 'DELETE v1/holds/*/undos':
      holds.forget(name, item);
      return {};
    case 'DELETE v1/holds/*':
      await holds.release(name);
      return {};
    case 'GET v1/audit':
      streamJsonLines(response, cluster.audit);
      return undefined;
    case 'GET v1/machine-calls':
      streamJsonLines(response, cluster.machineCalls);
      return undefined;
    case 'GET v1/undone':
      return undoService.undone();
    case 'POST v1/quarantine/*':
      if (name !== 'lift') break;
      return { left: await undoService.liftQuarantine() };
    case 'GET v1/footprint':
      return given({ known: cluster.footprint() });
    case 'POST v1/logs':
      await cluster.collectLogs((await body<{ directory: string }>()).directory);
      return {};
    case 'POST v1/down':
      await cluster.down((await body<DownRequest>()).force === true);
      return {};
    default:
      if (request.method === 'POST' && noun === 'nodes' && isMachineVerb(verb))
        return await machines.act(name, verb, checkParameters(verb, await body<VerbParameters>()));
  }
  throw new FiredrillError(
    'call.unknown',
    `the control door knows no ${request.method ?? ''} ${url.pathname}`,
  );
}

/** Joins the client's connection to an address of the cluster's network, which this process is in. */
function tunnel(request: IncomingMessage, client: Duplex): void {
  const url = new URL(request.url ?? '/', 'http://control');
  const host = url.searchParams.get('host');
  const port = Number(url.searchParams.get('port'));
  if (url.pathname !== '/v1/connect' || host === null || !(port > 0 && port < 65_536)) {
    client.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    return;
  }
  const inner = connect({ host, port });
  // The kernel would go on asking a dead address for two minutes.
  inner.setTimeout(CONNECT_WITHIN_MS, () =>
    inner.destroy(new Error(`no answer within ${CONNECT_WITHIN_MS} ms`)),
  );
  inner.once('connect', () => {
    inner.setTimeout(0);
    client.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n');
    client.pipe(inner);
    inner.pipe(client);
  });
  inner.once('error', (error) => {
    if (inner.connecting || inner.pending) {
      client.end(`HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n${error.message}`);
    } else client.destroy();
  });
  client.on('error', () => inner.destroy());
  client.on('close', () => inner.destroy());
  // What is still on its way to the client has to leave first.
  inner.on('close', () => client.end());
}
