import { randomUUID } from 'node:crypto';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { renderExposition } from '../http/exposition.ts';
import type { MachineClock } from '../http/machine-clock.ts';
import { streamLines, type LineStream } from '../http/ndjson.ts';
import {
  startService,
  type RouteAnswer,
  type RouteRequest,
  type Routes,
  type RunningService,
} from '../http/service.ts';
import { ActiveFaults, parseFault } from './active-faults.ts';
import type { ReceivedBeatLine, ReceivedHelloLine, ReceivedLine, ReceivedPage } from './protocol.ts';
import { ReceivedLog } from './received-log.ts';

const BEAT_MS = 1_000;

/** Serves the protocol of ./protocol.ts. */
export async function startReceiver(options: {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly clock: MachineClock;
}): Promise<RunningService> {
  const { clock } = options;
  const instance = randomUUID();
  const log = new ReceivedLog();
  const faults = new ActiveFaults(clock.monoMs);
  const streams = new Set<LineStream>();
  const counts = { slack: 0, webhook: 0 };

  async function keep(form: ReceivedLine['form'], { json }: RouteRequest): Promise<void> {
    log.add({ form, monoMs: clock.monoMs(), wallMs: clock.wallMs(), body: await json() });
    counts[form]++;
    for (const stream of streams) stream.pump();
  }

  function received({ url, response }: RouteRequest): RouteAnswer {
    const from = Number(url.searchParams.get('from') ?? '0');
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new FiredrillError('receiver.bad-cursor', `from is no sequence number: ${url.search}`);
    }
    if ((url.searchParams.get('instance') ?? instance) !== instance) {
      throw new FiredrillError('receiver.another-instance', `the receiver was started anew as ${instance}`);
    }
    const facts = { schema: 1, instance, bootId: clock.bootId, oldestSeq: log.oldestSeq } as const;
    if (url.searchParams.get('follow') !== 'true') {
      const page: ReceivedPage = { ...facts, nextSeq: log.nextSeq, items: log.from(from) };
      return { status: 200, body: page };
    }
    const hello: ReceivedHelloLine = { type: 'hello', ...facts };
    const stream: LineStream = streamLines(response, log, {
      cursor: from,
      hello,
      onClose: () => streams.delete(stream),
    });
    streams.add(stream);
    return undefined;
  }

  function metrics(): string {
    return renderExposition([
      faults.family(),
      {
        name: 'alert_receiver_messages_total',
        help: 'Messages of Alertmanager that arrived, by form.',
        type: 'counter',
        samples: Object.entries(counts).map(([form, value]) => ({ labels: { form }, value })),
      },
    ]);
  }

  const beat = setInterval(() => {
    const line: ReceivedBeatLine = { type: 'beat', nextSeq: log.nextSeq };
    for (const stream of streams) stream.send(line);
  }, BEAT_MS);
  const routes: Routes = {
    'POST /slack': async (request) => {
      await keep('slack', request);
      // Word for word what Slack says: Alertmanager takes any other text for a failure.
      return { status: 200, text: 'ok', contentType: 'text/plain' };
    },
    'POST /webhook': async (request) => {
      await keep('webhook', request);
      return { status: 200, body: {} };
    },
    'GET /received': received,
    'GET /faults': () => ({ status: 200, body: faults.list() }),
    'POST /faults': async ({ json }) => {
      faults.set(parseFault(await json()));
      return { status: 200, body: {} };
    },
    'DELETE /faults/:id': ({ params }) => {
      faults.clear(params['id'] ?? '');
      return { status: 200, body: {} };
    },
  };
  const service = await startService({
    ...options,
    metrics,
    statusOf: ({ code }) => (code === 'receiver.another-instance' ? 410 : undefined),
    guarded: { routes, token: options.token },
  });
  return {
    ...service,
    close: async () => {
      clearInterval(beat);
      await service.close();
    },
  };
}
