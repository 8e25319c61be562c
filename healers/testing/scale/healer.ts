import { runHealer } from '../../healer.ts';
import { DEFAULT_NODE_POLICY } from '../../policy/node-policy.ts';
import type { HealerConfig } from '../../config.ts';

/** One healer in a process of its own, which says what it costs when asked. */
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
  readonly cpuMs: number;
  readonly rssBytes: number;
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage().rss } satisfies Cost);
});

const start = JSON.parse(process.env['HEALER'] ?? '{}') as ScaleHealerStart;
const { server, caPem, token, host, port, auditPath, machines } = start;
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
