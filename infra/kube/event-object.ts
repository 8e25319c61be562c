import { randomBytes } from 'node:crypto';
import type { EventNote } from './calls.ts';
import { kindOf } from './objects.ts';

/** An Event as the API wants it, in the namespace of what it is about. */
export function eventObject(event: EventNote, wallMs: number) {
  const { regarding, note, ...rest } = event;
  const { namespace, name, uid, resourceVersion } = regarding.metadata ?? {};
  const { apiVersion, kind } = kindOf(regarding);
  const home = namespace ?? 'default';
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      namespace: home,
      name: `${name ?? kind.toLowerCase()}.${randomBytes(8).toString('hex')}`,
    },
    eventTime: new Date(wallMs).toISOString().replace('Z', '000Z'),
    regarding: { apiVersion, kind, namespace, name, uid, resourceVersion },
    note: note.slice(0, 1000),
    ...rest,
  };
}
