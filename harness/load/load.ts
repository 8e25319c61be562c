import { applyAll, type Admit } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { podLog } from '../../infra/kube/logs.ts';
import { portForward } from '../../infra/kube/port-forward.ts';
import type { Pod } from '../../infra/kube/objects.ts';
import type { Answer } from '../../infra/kube/readiness.ts';
import { waitDeleted, waitForObject } from '../../infra/kube/wait.ts';
import { FiredrillError } from '../core/errors.ts';
import { patient } from '../core/patience.ts';
import { goneIsDone } from '../../infra/kube/errors.ts';
import type { Connect } from '../../infra/http/http.ts';
import { orderStop, readLoadCounts, type LoadCounts } from './k6-control.ts';
import type { LoadOptions } from './load-options.ts';
import { CONTROL_PORT, LOAD_NAMESPACE, LOAD_POD, loadManifests } from './load-pod.ts';
import { parseLoadSummary, type LoadSummary } from './load-summary.ts';

interface LoadPlace {
  readonly kube: KubeClient;
  /** Reference of the image that `loadImage` describes. */
  readonly image: string;
  /** Decides what of the objects is applied; absent: all of them are. */
  readonly admit?: Admit | undefined;
}

export interface RunningLoad {
  /** What was counted so far. */
  counts(signal?: AbortSignal): Promise<LoadCounts>;
  /** Ends the load (users under way are cut off and not counted), reads the summary, and removes the pod. */
  stop(signal?: AbortSignal): Promise<LoadSummary>;
}

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: LOAD_NAMESPACE, name: LOAD_POD } as const;
const INFRA_NODES = 'firedrill.dev/role=infra';
const START_WITHIN_MS = patient(30_000);
const STOP_WITHIN_MS = patient(15_000);
const FIRST_REQUEST_WITHIN_MS = patient(10_000);
const LOOK_EVERY_MS = 100;

/**
 * Starts the load and resolves when the first requests were counted. A load that is there already is an error of the
 * API server (the pod cannot be changed): remove it first.
 */
export async function startLoad(
  place: LoadPlace,
  options: LoadOptions,
  signal?: AbortSignal,
): Promise<RunningLoad> {
  const { kube, admit } = place;
  const infraNodes = { apiVersion: 'v1', kind: 'Node', labelSelector: INFRA_NODES } as const;
  const hasInfraNode = (await kube.list(infraNodes, { signal })).items.length > 0;
  const manifests = loadManifests(options, place.image, hasInfraNode);
  await applyAll(kube, manifests, { fieldManager: 'firedrill-load', signal, admit });
  const pod = await waitForObject(kube, POD, runsOrEnded, {
    timeoutMs: START_WITHIN_MS,
    signal,
    what: 'the load generator to run',
  });
  if (pod?.status?.phase !== 'Running') throw await endedEarly(kube, signal);
  const connect: Connect = () => portForward(kube, POD, CONTROL_PORT);
  await untilCounting(place, connect, signal);
  return {
    counts: (until) => readLoadCounts(connect, until),
    stop: async (until) => {
      await orderStop(connect, until);
      const ended = { timeoutMs: STOP_WITHIN_MS, signal: until, what: 'the load generator to end' };
      await waitForObject(kube, POD, hasEnded, ended);
      const summary = parseLoadSummary(await podLog(kube, POD, { signal: until }));
      await removeLoad(kube, until);
      return summary;
    },
  };
}

/** Removes the load's pod, whatever it does; the undo of `startLoad`, safe to repeat. */
export async function removeLoad(kube: KubeClient, signal?: AbortSignal): Promise<void> {
  await goneIsDone(kube.delete(POD, { gracePeriodSeconds: 0, signal }));
  await waitDeleted(kube, POD, { timeoutMs: STOP_WITHIN_MS, signal });
}

async function untilCounting(
  place: LoadPlace,
  connect: Connect,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { kube } = place;
  const beginMs = kube.clock.now().monoMs;
  for (;;) {
    // The control port opens a moment after the container runs: until then it refuses.
    const counts = await readLoadCounts(connect, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      return error;
    });
    if (!(counts instanceof Error) && (counts as LoadCounts).requests > 0) return;
    const pod = await kube.find(POD, { signal });
    if (hasEnded(pod) === true) throw await endedEarly(kube, signal);
    if (kube.clock.now().monoMs - beginMs > FIRST_REQUEST_WITHIN_MS) {
      throw new FiredrillError(
        'load.not-started',
        `no request was counted within ${FIRST_REQUEST_WITHIN_MS} ms`,
        { cause: counts instanceof Error ? counts : undefined },
      );
    }
    await kube.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function endedEarly(kube: KubeClient, signal: AbortSignal | undefined): Promise<FiredrillError> {
  const log = await podLog(kube, POD, { tailLines: 20, signal });
  return new FiredrillError(
    'load.ended-early',
    `the load generator ended at once: ${log.trim().slice(-800)}`,
  );
}

function runsOrEnded(pod: Pod | undefined): Answer {
  return pod?.status?.phase === 'Running' || hasEnded(pod);
}

function hasEnded(pod: Pod | undefined): Answer {
  const phase = pod?.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
  return `its pod is ${phase ?? 'not there'}${waiting?.reason === undefined ? '' : `, ${waiting.reason}: ${waiting.message ?? ''}`}`;
}
