import { holdS, shortRangeS, type Profile } from '../profile.ts';
import { alert, type RuleGroup } from './rule.ts';
import { errorRatio, type ServiceLevel } from './service-level.ts';

/** Above this share of bad answers users notice, whatever the budget says. */
const ERROR_RATIO_LIMIT = 0.05;

/** Alerts on Services and their answers. */
export function serviceRules(profile: Profile, levels: readonly ServiceLevel[]): RuleGroup {
  const ratios = levels.map((level) => ({
    record: 'service:error_ratio:short',
    expr: errorRatio(level, `${shortRangeS(profile)}s`),
    labels: { service: level.service },
  }));
  return {
    name: 'service',
    rules: [
      ...ratios,
      alert('ServiceWithoutEndpoints', 'critical', {
        expr: `max by (namespace, endpoint) (kube_endpoint_info{namespace!="kube-system"} == 1)
  unless on (namespace, endpoint) (kube_endpoint_address{ready="true"} == 1)`,
        forS: holdS(profile, 5),
        summary: 'Service {{ $labels.namespace }}/{{ $labels.endpoint }} has no ready endpoint',
        description: 'Nobody can be served: no pod behind it is ready, or its selector matches none.',
      }),
      alert('ServiceErrorRatio', 'critical', {
        expr: `service:error_ratio:short > ${ERROR_RATIO_LIMIT}`,
        forS: holdS(profile, 2),
        summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} fail',
        description: `More than ${ERROR_RATIO_LIMIT * 100} % of its answers are errors.`,
      }),
    ],
  };
}
