import { FiredrillError } from '../../harness/core/errors.ts';
import type { HostPort, ServerDefinition } from './definition.ts';

/** A mail that was taken. */
export interface SunkMail {
  readonly id: string;
  /** Address alone; empty where the head names none. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly receivedAt: Date;
  /** Head and body, as they came. */
  raw(): Promise<string>;
}

/** A mail server that takes everything and passes nothing on. */
export interface SmtpSink {
  readonly smtp: HostPort;
  /** Newest first. */
  mails(): Promise<readonly SunkMail[]>;
  clear(): Promise<void>;
}

/** The words of Mailpit's API that are needed; the stand-in speaks these and no others. */
interface Listing {
  readonly messages: readonly {
    readonly ID: string;
    readonly From: { readonly Address: string } | null;
    readonly To: readonly { readonly Address: string }[] | null;
    readonly Subject: string;
    readonly Created: string;
  }[];
}

export const smtpSink = {
  name: 'smtp-sink',
  ports: { smtp: 1025, http: 8025 },
  ready: { port: 'http', path: '/readyz', status: 200 },
  scratch: ['/tmp'],
  official: {
    image: 'docker.io/axllent/mailpit:v1.31.1',
    command: [],
    env: { MP_SMTP_AUTH_ACCEPT_ANY: '1', MP_SMTP_AUTH_ALLOW_INSECURE: '1', MP_DISABLE_VERSION_CHECK: '1' },
  },
  standIn: { tool: 'smtp-sink', command: [':1025', ':8025'] },
  client: ({ smtp, http }) => clientOf(smtp, `http://${http.host}:${http.port}/api/v1`),
} as const satisfies ServerDefinition<'smtp' | 'http', SmtpSink>;

function clientOf(smtp: HostPort, api: string): SmtpSink {
  return {
    smtp,
    async mails() {
      const { messages } = JSON.parse(await call(`${api}/messages`)) as Listing;
      return messages.map((one) => ({
        id: one.ID,
        from: one.From?.Address ?? '',
        to: (one.To ?? []).map(({ Address }) => Address),
        subject: one.Subject,
        receivedAt: new Date(one.Created),
        raw: () => call(`${api}/message/${encodeURIComponent(one.ID)}/raw`),
      }));
    },
    async clear() {
      await call(`${api}/messages`, 'DELETE');
    },
  };
}

async function call(url: string, method = 'GET'): Promise<string> {
  const response = await fetch(url, { method });
  const text = await response.text();
  if (response.ok) return text;
  throw new FiredrillError('servers.bad-answer', `${method} ${url} answered ${response.status}: ${text}`);
}
