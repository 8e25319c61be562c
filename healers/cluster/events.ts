import type { KubeClient } from '../../infra/kube/client.ts';
import type { EventBody } from '../runtime/event-queue.ts';
import { permissions } from '../runtime/permission.ts';
import { call } from './call.ts';

export const EVENT_PERMISSIONS = permissions(
  { scope: 'default', group: 'events.k8s.io', resource: 'events' },
  { create: 'Events about nodes' },
);

/** Writes a Kubernetes Event in the name of one healer process. */
export async function createEvent(
  kube: KubeClient,
  reportingInstance: string,
  event: EventBody,
  signal: AbortSignal,
): Promise<void> {
  const reportingController = 'firedrill.dev/healer';
  await kube.createEvent({ ...event, reportingController, reportingInstance }, call(signal));
}
