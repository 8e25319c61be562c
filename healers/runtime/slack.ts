import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { isMissing } from '../../harness/core/file-errors.ts';
import type { Deliver, Delivery, Note, Severity } from './outbox.ts';

const TIMEOUT_MS = 5000;
/** Slack cuts off messages beyond this. */
const MAX_TEXT = 3000;
const MARKS: Readonly<Record<Severity, string>> = {
  warning: ':warning:',
  critical: ':rotating_light:',
  resolved: ':white_check_mark:',
};

/**
 * Delivers notes to a Slack incoming webhook. The address is a secret: it is read from its file for each message and
 * appears in no error text.
 */
export function slackDelivery(urlFile: string, cluster: string): Deliver {
  return async (notes, signal) => {
    const url = readUrl(urlFile);
    if (url === undefined) return { delivered: false, why: 'no webhook is configured', retryAfterMs: 30_000 };
    const body = JSON.stringify({ text: slackText(notes, cluster) });
    return await post(url, body, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
  };
}

/** One message for the notes of one incident, the last state first. */
export function slackText(notes: readonly Note[], cluster: string): string {
  const last = notes.at(-1);
  if (last === undefined) return '';
  const lines = notes.map((note) => `${MARKS[note.severity]} ${escape(note.text)}`);
  const text = `*${escape(cluster)}* ${last.severity} \`${escape(last.incident)}\`\n${lines.join('\n')}`;
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function readUrl(file: string): URL | undefined {
  try {
    return new URL(readFileSync(file, 'utf8').trim());
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Error('the webhook file holds no address', { cause: undefined });
  }
}

function post(url: URL, body: string, signal: AbortSignal): Promise<Delivery> {
  return new Promise((resolve) => {
    const failed = (why: string): void => resolve({ delivered: false, why, retryAfterMs: undefined });
    const send = url.protocol === 'https:' ? https.request : http.request;
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'POST', signal, headers }, (response) => {
      response.resume();
      response.on('error', () => failed('the answer broke off'));
      response.on('end', () => resolve(judge(response.statusCode ?? 0, response.headers['retry-after'])));
    });
    request.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.name));
    request.end(body);
  });
}

/** What Slack's status codes mean: 4xx but 429 will not become better by repeating. */
function judge(status: number, retryAfter: string | undefined): Delivery {
  if (status >= 200 && status < 300) return { delivered: true };
  const seconds = Number(retryAfter);
  const asked =
    retryAfter !== undefined && Number.isFinite(seconds) ? Math.min(seconds, 3600) * 1000 : undefined;
  const final = status >= 400 && status < 500 && status !== 429 && status !== 408;
  return { delivered: false, why: `status ${status}`, retryAfterMs: final ? 'never' : asked };
}
