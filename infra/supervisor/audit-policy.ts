import { stringify } from 'yaml';

/**
 * Who did what to which object: Metadata of every write, the full exchange for deletes of pods and everything about
 * nodes. Leases, events and reads are left out: they are many and no verdict rests on them.
 */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      {
        level: 'None',
        resources: [
          { group: 'coordination.k8s.io' },
          { group: 'events.k8s.io' },
          { group: '', resources: ['events'] },
        ],
      },
      { level: 'None', verbs: ['get', 'list', 'watch'] },
      { level: 'None', nonResourceURLs: ['*'] },
      {
        level: 'RequestResponse',
        verbs: ['delete', 'deletecollection'],
        resources: [{ group: '', resources: ['pods', 'pods/eviction'] }],
      },
      { level: 'Metadata', resources: [{ group: '', resources: ['nodes/status', 'pods/status'] }] },
      { level: 'RequestResponse', resources: [{ group: '', resources: ['nodes'] }] },
      { level: 'Metadata' },
    ],
  });
}
