import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import { atMono, type Frame } from '../facts/frame.ts';
import { resourceLives, type ResourceLife } from '../facts/resources.ts';
import type { ResourceRow } from './picture.ts';

/** Namespaces of the machinery; their pods have no place among the workload's. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'monitoring',
  'firedrill-system',
  'firedrill-probe',
]);
const MOST_PODS = 24;

/** A row per node, and per pod that was not simply Ready all the time. */
export function readPodsAndNodes(
  entries: readonly Entry[],
  frame: Frame,
  fromMs: number,
  toMs: number,
): { nodes: ResourceRow[]; pods: ResourceRow[]; steadyPods: number; hiddenPods: number } {
  const visible = (life: ResourceLife): boolean =>
    (life.createdMonoMs === undefined || atMono(frame, life.createdMonoMs) <= toMs) &&
    (life.deletedMonoMs === undefined || atMono(frame, life.deletedMonoMs) >= fromMs);
  const targets = targetNamespaces(entries);
  const pods = resourceLives(entries, 'Pod')
    .filter(visible)
    .filter((pod) => targets.has(pod.namespace ?? '') || !SYSTEM_NAMESPACES.has(pod.namespace ?? ''));
  const eventful = pods.filter((pod) => !isSteady(pod));
  const shown = eventful.slice(0, MOST_PODS);
  return {
    nodes: resourceLives(entries, 'Node')
      .filter(visible)
      .map((life) => row(life, frame)),
    pods: shown.map((life) => row(life, frame)),
    steadyPods: pods.length - eventful.length,
    hiddenPods: eventful.length - shown.length,
  };
}

/** A system namespace is shown all the same where a fault was aimed at it. */
function targetNamespaces(entries: readonly Entry[]): ReadonlySet<string> {
  const targets = entriesOf(entries, 'fault.resolved').flatMap((entry) => entry.targets);
  return new Set(targets.flatMap((target) => target.namespace ?? []));
}

function isSteady(life: ResourceLife): boolean {
  return (
    life.createdMonoMs === undefined &&
    life.deletedMonoMs === undefined &&
    life.stretches.every((one) => one.state === 'ready')
  );
}

function row(life: ResourceLife, frame: Frame): ResourceRow {
  return {
    name: life.name,
    detail: life.object === 'Pod' && life.node !== undefined ? `on ${life.node}` : '',
    stretches: life.stretches.map((one) => ({
      state: one.state,
      fromMs: atMono(frame, one.fromMonoMs),
      toMs: atMono(frame, one.toMonoMs),
    })),
    ...(life.createdMonoMs === undefined ? {} : { createdMs: atMono(frame, life.createdMonoMs) }),
    ...(life.deletedMonoMs === undefined ? {} : { deletedMs: atMono(frame, life.deletedMonoMs) }),
  };
}
