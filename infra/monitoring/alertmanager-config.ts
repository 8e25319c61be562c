/** Where the files of the Secret are mounted. */
export const SECRET_DIRECTORY = '/etc/alertmanager/secrets';
export const SLACK_URL_FILE = 'slack-url';
export const WEBHOOK_URL_FILE = 'webhook-url';

/**
 * The file alertmanager.yml as an object. Addresses stand in the Secret only: whoever knows a Slack webhook can post.
 * Besides Slack every notification goes to a webhook in Alertmanager's own form, which tools can read.
 */
export function alertmanagerConfig(secretDirectory: string = SECRET_DIRECTORY): object {
  const webhook = { url_file: `${secretDirectory}/${WEBHOOK_URL_FILE}`, send_resolved: true };
  return {
    route: {
      receiver: 'slack',
      group_by: ['alertname'],
      group_wait: '10s',
      group_interval: '10s',
      repeat_interval: '1h',
      routes: [
        // Proves the way, and would only be noise in Slack.
        {
          matchers: ['alertname = "Watchdog"'],
          receiver: 'watchdog',
          group_wait: '0s',
          repeat_interval: '1m',
        },
      ],
    },
    inhibit_rules: [
      // A dead node explains what is wrong with its pods and targets.
      {
        source_matchers: ['alertname =~ "NodeDown|NodeNotReady"'],
        target_matchers: ['alertname =~ "PodNotReady|PodCrashLooping|TargetDown"'],
        equal: ['node'],
      },
    ],
    receivers: [
      { name: 'slack', slack_configs: [slack(secretDirectory)], webhook_configs: [webhook] },
      { name: 'watchdog', webhook_configs: [webhook] },
    ],
  };
}

function slack(secretDirectory: string): object {
  const each = (text: string): string => `{{ range .Alerts }}${text}{{ end }}`;
  return {
    api_url_file: `${secretDirectory}/${SLACK_URL_FILE}`,
    send_resolved: true,
    color:
      '{{ if eq .Status "firing" }}{{ if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}{{ else }}good{{ end }}',
    title:
      '[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }}',
    text: each('• {{ .Annotations.summary }}{{ if eq .Status "resolved" }} (resolved){{ end }}\n'),
    fallback: '{{ .CommonLabels.alertname }}: {{ .Status }}',
  };
}
