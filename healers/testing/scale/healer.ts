import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { runHealer } from '../../healer.ts';
import { DEFAULT_NODE_POLICY } from '../../policy/node-policy.ts';
import type { HealerConfig } from '../../config.ts';

/** One healer in a process of its own, which says what it has cost since it was asked last. */
export interface ScaleHealerStart {
  readonly server: string;
  readonly caPem: string;
  readonly token: string;
  readonly host: string;
  readonly port: number;
  readonly auditPath: string;
  readonly machines: NonNullable<HealerConfig['machines']>;
}
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The most that it ever was. */
  readonly peakRssBytes: number;
  readonly heapBytes: number;
  /** For how long at most nothing else could be done. */
  readonly blockedMs: number;
  readonly requests: Readonly<Record<'api' | 'machines' | 'kubelets', number>>;
}

const start = JSON.parse(process.env['HEALER'] ?? '{}') as ScaleHealerStart;
const { server, caPem, token, host, port, auditPath, machines } = start;

const RESOLUTION_MS = 5;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
const requests = { api: 0, machines: 0, kubelets: 0 };
subscribe('http.client.request.start', (message) => {
  const { host: asked, port: askedPort } = readHost((message as { request: ClientRequest }).request);
  const isOf = (url: string): boolean => new URL(url).host === `${asked}:${askedPort}`;
  requests[isOf(server) ? 'api' : isOf(machines.url) ? 'machines' : 'kubelets']++;
});
let since = { atMs: performance.now(), cpuMs: cpuMs() };

process.on('message', () => {
  const now = { atMs: performance.now(), cpuMs: cpuMs() };
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({
    wallMs: now.atMs - since.atMs,
    cpuMs: now.cpuMs - since.cpuMs,
    rssBytes: rss,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    heapBytes: heapUsed,
    blockedMs: Math.max(0, delays.max / 1e6 - RESOLUTION_MS),
    requests: { ...requests },
  } satisfies Cost);
  since = now;
  delays.reset();
  Object.assign(requests, { api: 0, machines: 0, kubelets: 0 });
});

await runHealer(
  {
    target: { server, caPem, token: () => token },
    namespace: 'firedrill-system',
    pod: 'healer-a',
    podUid: 'a',
    host,
  },
  { port, auditPath, token, machines, node: { ...DEFAULT_NODE_POLICY, mode: 'act' } },
  new AbortController().signal,
);

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function readHost(request: ClientRequest): URL | { host: string; port: string } {
  const url = new URL(`https://${String(request.getHeader('host'))}`);
  return { host: url.hostname, port: url.port };
}
