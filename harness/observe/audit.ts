import { pause, systemClock, type Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { ApiAudit, EntryBody } from '../core/journal/journal.ts';
import { given } from '../core/given.ts';
import type { MachineCall } from '../../infra/cluster.ts';
import { isAborted, watchUntilStopped, type StartObserver } from './observer.ts';
import { Sight } from './sight.ts';

/** Events from now on, until the signal aborts. */
type Events<T> = (signal: AbortSignal) => AsyncIterable<T>;

const RETRY_MS = 500;
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const RESOURCES = new Set(['nodes', 'pods', 'pods/eviction']);

/** The parts of an `audit.k8s.io/v1` event that are of use. */
interface AuditEvent {
  readonly stage?: string;
  readonly verb?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp?: string;
  readonly stageTimestamp?: string;
}

/** Journals who wrote to nodes and pods, by the API server's own log: what a healer did, whatever it says. */
export function observeApiAudit(options: {
  readonly events: Events<Record<string, unknown>>;
  /** Of this user every write is told, to whatever: our healer's. */
  readonly wholeOf?: string | undefined;
  readonly clock?: Clock;
}): StartObserver {
  return follow('api.audit', options.events, options.clock ?? systemClock, (event) =>
    readAuditEvent(event, options.wholeOf),
  );
}

/** Journals the calls that change machines; being asked for the states once a second is no event. */
export function observeMachineCalls(options: {
  readonly events: Events<MachineCall>;
  readonly clock?: Clock;
}): StartObserver {
  return follow(
    'machine',
    options.events,
    options.clock ?? systemClock,
    ({ call, node, caller, result, wallMs }) =>
      call === 'states' ? undefined : { kind: 'machine', call, node, caller, result, callWallMs: wallMs },
  );
}

/** Undefined for what nobody asks about: reads, and but for `wholeOf` leases, events, status, and a kubelet's own housekeeping. */
export function readAuditEvent(event: AuditEvent, wholeOf?: string): ApiAudit | undefined {
  const { verb = '', objectRef: ref = {} } = event;
  const user = event.user?.username ?? '';
  const resource =
    ref.subresource === undefined ? (ref.resource ?? '') : `${ref.resource ?? ''}/${ref.subresource}`;
  if (event.stage !== 'ResponseComplete' || !WRITES.has(verb)) return undefined;
  if (user !== wholeOf && !RESOURCES.has(resource)) return undefined;
  if (user.startsWith('system:node:')) return undefined;
  return {
    kind: 'api.audit',
    user,
    verb,
    resource,
    ...given({ namespace: ref.namespace }),
    name: ref.name ?? '',
    code: event.responseStatus?.code ?? 0,
    stageWallMs: Date.parse(event.stageTimestamp ?? ''),
    ...(event.requestReceivedTimestamp === undefined
      ? {}
      : { receivedWallMs: Date.parse(event.requestReceivedTimestamp) }),
  };
}

function follow<T>(
  observer: string,
  events: Events<T>,
  clock: Clock,
  read: (event: T) => EntryBody | undefined,
): StartObserver {
  return (append, signal) => {
    const sight = new Sight(append, clock, observer);
    const following = watchUntilStopped(observer, append, signal, async (running) => {
      while (!isAborted(running)) {
        let reason = 'the stream ended';
        const ended = new AbortController();
        // It tells nothing while nothing happens: one that stands for a while is taken for open.
        void pause(clock, RETRY_MS, AbortSignal.any([running, ended.signal])).then(() => {
          if (!ended.signal.aborted) sight.seen();
        });
        try {
          for await (const event of events(running)) {
            sight.seen();
            const entry = read(event);
            if (entry !== undefined) append(entry);
          }
        } catch (error) {
          reason = messageOf(error);
        }
        ended.abort();
        if (isAborted(running)) return;
        sight.lose(reason, clock.now().monoMs);
        await pause(clock, RETRY_MS, running);
      }
    });
    return Promise.resolve(following);
  };
}
