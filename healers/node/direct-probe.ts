import http from 'node:http';
import https from 'node:https';
import type { PodObject } from '../cluster/objects.ts';

/** Whether a pod's own readiness endpoint fails when it is asked directly. A pod without an HTTP probe is taken at its word. */
export async function podFails(pod: PodObject, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const url = readinessUrl(pod);
  if (url === undefined) return false;
  return await new Promise<boolean>((resolve) => {
    const get = url.startsWith('https:') ? https.get : http.get;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const request = get(url, { signal: deadline, agent: false, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on('error', () => undefined);
      const status = response.statusCode ?? 0;
      resolve(status < 200 || status >= 400);
    });
    request.on('error', () => resolve(true));
  });
}

/** The address that the kubelet would ask, too. */
function readinessUrl(pod: PodObject): string | undefined {
  const ip = pod.status?.podIP;
  for (const container of pod.spec?.containers ?? []) {
    const probe = container.readinessProbe?.httpGet;
    if (probe === undefined || ip === undefined) continue;
    const port =
      typeof probe.port === 'number'
        ? probe.port
        : container.ports?.find((each) => each.name === probe.port)?.containerPort;
    if (port === undefined) continue;
    const host = ip.includes(':') ? `[${ip}]` : ip;
    return `${probe.scheme === 'HTTPS' ? 'https' : 'http'}://${host}:${port}${probe.path ?? '/'}`;
  }
  return undefined;
}
