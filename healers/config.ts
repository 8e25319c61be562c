import { existsSync, readFileSync } from 'node:fs';
import { given } from '../harness/core/given.ts';
import type { HttpMachinesOptions } from '../infra/machines/client.ts';
import { readNodePolicy } from './policy/read-node-policy.ts';
import type { NodePolicy } from './policy/node-policy.ts';
import { readConfigFile, type ConfigReader } from './runtime/config.ts';

/** Everything that a healer process is told from outside. */
export interface HealerConfig {
  readonly port: number;
  readonly auditPath: string;
  /** What the replicas and who reads the audit know; empty: none. */
  readonly token: string;
  readonly machines?: HttpMachinesOptions;
  /** Messages for people; absent: none are sent. */
  readonly outbox?: { readonly directory: string; readonly slackUrlFile: string; readonly cluster: string };
  readonly node: NodePolicy;
}

/** Reads the file named by FIREDRILL_HEALER_CONFIG and the environment; throws `healer.bad-config` with all problems. */
export function readHealerConfig(environment: Readonly<Record<string, string | undefined>>): HealerConfig {
  const slackUrlFile = present(environment['FIREDRILL_SLACK_URL_FILE']);
  const url = present(environment['FIREDRILL_MACHINES_URL']);
  const file = readConfigFile(present(environment['FIREDRILL_HEALER_CONFIG']), (reader: ConfigReader) => ({
    port: reader.number('port', 8080, { min: 1, max: 65_535 }),
    auditPath: reader.string('auditPath', '/var/lib/firedrill/audit/audit.jsonl'),
    cluster: reader.string('cluster', 'kubernetes'),
    outboxDirectory: reader.string('outboxDirectory', '/var/lib/firedrill/outbox'),
    node: readNodePolicy(reader.object('node')),
  }));
  return {
    port: file.port,
    auditPath: file.auditPath,
    token: tokenIn(present(environment['FIREDRILL_HEALER_TOKEN_FILE'])),
    node: file.node,
    ...(slackUrlFile === undefined
      ? {}
      : { outbox: { directory: file.outboxDirectory, slackUrlFile, cluster: file.cluster } }),
    ...(url === undefined
      ? {}
      : {
          machines: {
            url,
            ...given({ cluster: present(environment['FIREDRILL_MACHINES_CLUSTER']) }),
            ...authorityIn(
              present(environment['FIREDRILL_MACHINES_CA_FILE']) ?? '/etc/firedrill/machines/ca.crt',
            ),
            tokenFile:
              present(environment['FIREDRILL_MACHINES_TOKEN_FILE']) ?? '/etc/firedrill/machines/token',
          },
        }),
  };
}

/** The Secret may not be there; the healers then do without each other. */
function tokenIn(file: string | undefined): string {
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** Without a file the interface has to show a certificate that everybody trusts. */
function authorityIn(caFile: string): Pick<HttpMachinesOptions, 'caFile'> {
  return existsSync(caFile) ? { caFile } : {};
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
