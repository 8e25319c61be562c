import { isDeepStrictEqual } from 'node:util';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { renderExposition } from '../http/exposition.ts';
import type { MachineClock } from '../http/machine-clock.ts';
import { startService, type RouteRequest, type Routes, type RunningService } from '../http/service.ts';
import type { ProbeClockReading } from './protocol.ts';
import { SourcePorts } from './source-ports.ts';
import { parseSpec } from './spec.ts';
import { probeFamilies } from './tally.ts';
import { ProbeTarget } from './target.ts';

const STATUSES: Readonly<Record<string, number>> = {
  'probe.no-such-target': 404,
  'probe.name-taken': 409,
  'probe.another-instance': 410,
  'probe.no-address': 502,
};

/** Serves the protocol of ./protocol.ts. */
export async function startProbeAgent(options: {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly clock: MachineClock;
}): Promise<RunningService> {
  const { clock } = options;
  const ports = new SourcePorts(clock.wallMs());
  const targets = new Map<string, ProbeTarget>();
  /** Set-ups under way, so that two requests for one name make one target. */
  const starting = new Map<string, Promise<ProbeTarget>>();

  function find(name: string): ProbeTarget {
    const target = targets.get(name);
    if (target !== undefined) return target;
    throw new FiredrillError(
      'probe.no-such-target',
      `no target ${name}; there are: ${[...targets.keys()].join(', ') || 'none'}`,
    );
  }

  async function start({ json }: RouteRequest): Promise<{ status: number; body: unknown }> {
    const spec = parseSpec(await json());
    const present = targets.get(spec.name) ?? (await starting.get(spec.name));
    if (present?.state().running === true) {
      if (isDeepStrictEqual(present.spec, spec)) return { status: 200, body: present.state() };
      throw new FiredrillError(
        'probe.name-taken',
        `target ${spec.name} runs with another spec: ${JSON.stringify(present.spec)}`,
      );
    }
    const begun = ProbeTarget.start(spec, clock, ports);
    starting.set(spec.name, begun);
    try {
      const target = await begun;
      targets.set(spec.name, target);
      return { status: 201, body: target.state() };
    } finally {
      starting.delete(spec.name);
    }
  }

  function samples({ url, response }: RouteRequest): undefined {
    const target = find(url.searchParams.get('target') ?? '');
    const from = Number(url.searchParams.get('from') ?? '0');
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new FiredrillError('probe.bad-cursor', `from is no sequence number: ${url.search}`);
    }
    const { instance } = target.state();
    const asked = url.searchParams.get('instance') ?? instance;
    if (asked !== instance) {
      throw new FiredrillError(
        'probe.another-instance',
        `target ${target.spec.name} was started anew as ${instance}`,
      );
    }
    target.stream(response, from);
  }

  const routes: Routes = {
    'GET /clock': () => {
      const reading: ProbeClockReading = {
        bootId: clock.bootId,
        monoMs: clock.monoMs(),
        wallMs: clock.wallMs(),
      };
      return { status: 200, body: reading };
    },
    'GET /targets': () => ({ status: 200, body: [...targets.values()].map((target) => target.state()) }),
    'POST /targets': start,
    'DELETE /targets/:name': async ({ params }) => {
      const target = find(params['name'] ?? '');
      await target.stop('stopped');
      targets.delete(target.spec.name);
      return { status: 200, body: target.state() };
    },
    'GET /samples': samples,
  };
  const service = await startService({
    ...options,
    guarded: { routes, token: options.token },
    metrics: () =>
      renderExposition(probeFamilies(new Map([...targets].map(([name, { tally }]) => [name, tally])))),
    statusOf: ({ code }) => STATUSES[code],
  });
  return {
    ...service,
    close: async () => {
      await Promise.all([...targets.values()].map((target) => target.stop('shutdown')));
      await service.close();
    },
  };
}
