import type { Profile } from '../profile.ts';
import { alert, type RuleGroup } from './rule.ts';
import { errorRatio, type ServiceLevel } from './service-level.ts';

/**
 * The usual pairs of windows: the long one says that it matters, the short one that it still goes on. `burn` is how
 * many times faster than allowed the 30-day budget is spent: 14.4 spends 2 % in an hour, 6 spends 5 % in six hours.
 */
const PAIRS = [
  { name: 'ErrorBudgetBurnFast', severity: 'critical', long: '1h', short: '5m', burn: 14.4 },
  { name: 'ErrorBudgetBurnSlow', severity: 'warning', long: '6h', short: '30m', burn: 6 },
] as const;

/** Alerts on error budgets. */
export function sloRules(profile: Profile, levels: readonly ServiceLevel[]): RuleGroup {
  return {
    name: 'slo',
    interval: `${profile.burnRuleS}s`,
    rules: levels.flatMap((level) =>
      PAIRS.map(({ name, severity, long, short, burn }) => {
        const limit = `${burn} * ${Number((1 - level.objective).toPrecision(12))}`;
        return alert(
          name,
          severity,
          {
            expr: `(${errorRatio(level, long)}) > ${limit}\n  and (${errorRatio(level, short)}) > ${limit}`,
            forS: 0,
            summary: `${level.service} spends its error budget ${burn} times too fast`,
            description: `{{ $value | humanizePercentage }} of its requests of the last ${long} failed; ${level.objective * 100} % are promised.`,
          },
          { service: level.service },
        );
      }),
    ),
  };
}
