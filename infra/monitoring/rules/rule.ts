type Severity = 'critical' | 'warning' | 'none';

/** An alert rule as Prometheus reads it. */
interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: Severity } & Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** A series that is computed ahead. */
interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  /** Absent: the evaluation interval of the profile. */
  readonly interval?: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** An alert in the order in which one thinks of it. */
export function alert(
  name: string,
  severity: Severity,
  rule: {
    readonly expr: string;
    readonly forS: number;
    readonly summary: string;
    readonly description: string;
  },
  labels: Readonly<Record<string, string>> = {},
): AlertRule {
  return {
    alert: name,
    expr: rule.expr,
    for: `${rule.forS}s`,
    labels: { ...labels, severity },
    annotations: { summary: rule.summary, description: rule.description },
  };
}
