import { holdS, type Profile } from '../profile.ts';
import { alert, type RuleGroup } from './rule.ts';

/** Adds the node, so that the loss of a node can mute the alerts of its pods. */
const ON_NODE = '* on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info)';

/** Alerts on pods and what owns them. */
export function podRules(profile: Profile): RuleGroup {
  return {
    name: 'pod',
    rules: [
      alert('PodCrashLooping', 'warning', {
        expr: `(
  max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[1m])) == 1
  or max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[5m])) >= 3
) ${ON_NODE}`,
        forS: 0,
        summary:
          'Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} keeps crashing',
        description:
          'The kubelet waits longer and longer between its restarts; see the logs of the previous container.',
      }),
      alert('PodNotReady', 'warning', {
        // `unless` and not a comparison with 0: a pod that was never scheduled has no readiness at all.
        expr: `(
  max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running|Unknown"}) == 1
  unless on (namespace, pod) max by (namespace, pod) (kube_pod_status_ready{condition="true"}) == 1
) ${ON_NODE}`,
        forS: holdS(profile, 60),
        summary: 'Pod {{ $labels.namespace }}/{{ $labels.pod }} is not ready',
        description: 'It gets no requests; see its events and the log of its readiness probe.',
      }),
      alert('DeploymentReplicasMissing', 'warning', {
        expr: `max by (namespace, deployment) (kube_deployment_spec_replicas)
  - max by (namespace, deployment) (kube_deployment_status_replicas_available) > 0`,
        forS: holdS(profile, 30),
        summary: 'Deployment {{ $labels.namespace }}/{{ $labels.deployment }} lacks {{ $value }} replicas',
        description: 'Fewer replicas are available than wanted.',
      }),
      alert('TargetDown', 'warning', {
        expr: 'up == 0',
        forS: holdS(profile, 30),
        summary: 'Target {{ $labels.instance }} of {{ $labels.job }} cannot be scraped',
        description:
          'Prometheus learns nothing of {{ $labels.instance }}: what rests on its series is blind.',
      }),
    ],
  };
}
