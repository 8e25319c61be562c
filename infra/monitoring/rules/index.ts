import type { Profile } from '../profile.ts';
import { nodeRules } from './node.ts';
import { podRules } from './pod.ts';
import { alert, type RuleGroup } from './rule.ts';
import { PROBED_SERVICES, type ServiceLevel } from './service-level.ts';
import { serviceRules } from './service.ts';
import { sloRules } from './slo.ts';

export type { ServiceLevel } from './service-level.ts';

/** All rules of a profile; `levels` are the services with a promise besides what the probe sees. */
export function alertRules(
  profile: Profile,
  levels: readonly ServiceLevel[] = [],
): { readonly groups: readonly RuleGroup[] } {
  const all = [PROBED_SERVICES, ...levels];
  return {
    groups: [
      watchdog(),
      nodeRules(profile),
      podRules(profile),
      serviceRules(profile, all),
      sloRules(profile, all),
    ],
  };
}

/** Always fires: when it does not arrive, no other alert would either. */
function watchdog(): RuleGroup {
  return {
    name: 'watchdog',
    rules: [
      alert('Watchdog', 'none', {
        expr: 'vector(1)',
        forS: 0,
        summary: 'Alerts can reach you',
        description: 'Fires all the time. Its absence means that the way from Prometheus to you is broken.',
      }),
    ],
  };
}
