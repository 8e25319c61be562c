import { holdS, type Profile } from '../profile.ts';
import { alert, type RuleGroup } from './rule.ts';

/** Alerts on machines. */
export function nodeRules(profile: Profile): RuleGroup {
  return {
    name: 'node',
    rules: [
      alert('NodeDown', 'critical', {
        // The kubelet and every scraped pod of the node: one broken target is no dead node. Not the targets that are
        // asked rarely, whose last good answer would hide the silence.
        expr: 'max by (node) (up{node!="",job!~"kubelet|cadvisor"}) == 0',
        forS: holdS(profile, 5),
        summary: 'Node {{ $labels.node }} is silent',
        description: 'No target on node {{ $labels.node }} answers: not the kubelet, not one of its pods.',
      }),
      alert('NodeNotReady', 'critical', {
        expr: 'max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0',
        forS: holdS(profile, 5),
        summary: 'Node {{ $labels.node }} is not Ready',
        description:
          'Kubernetes holds node {{ $labels.node }} for not ready; after a while its pods are replaced.',
      }),
      alert('NodePressure', 'warning', {
        expr: 'max by (node, condition) (kube_node_status_condition{condition=~"(Memory|Disk|PID)Pressure",status="true"}) == 1',
        forS: holdS(profile, 30),
        summary: '{{ $labels.condition }} on node {{ $labels.node }}',
        description: 'Node {{ $labels.node }} runs out of a resource; the kubelet evicts pods.',
      }),
      alert('ClusterStateMissing', 'critical', {
        expr: 'absent(up{job="cluster-state"} == 1)',
        forS: holdS(profile, 5),
        summary: 'The exporter of the cluster state does not answer',
        description: 'Without it no alert on nodes, pods and services can fire.',
      }),
      alert('ClusterStateStale', 'warning', {
        expr: 'max by (resource) (cluster_state_cache_age_seconds) > 15',
        forS: holdS(profile, 5),
        summary: 'The exporter has not heard of {{ $labels.resource }} for {{ $value | humanizeDuration }}',
        description: 'Its watch is broken: what it tells of {{ $labels.resource }} may be out of date.',
      }),
    ],
  };
}
