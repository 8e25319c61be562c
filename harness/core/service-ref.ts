const SERVICE = /^([a-z0-9-]+)\/([a-z0-9.-]+)(?::(\d+))?$/;

/** How a Service is written. */
export const SERVICE_REF = 'NAMESPACE/SERVICE or NAMESPACE/SERVICE:PORT with a port from 1 to 65535';

/** A Service by its name, or undefined where the text names none. */
export function parseServiceRef(
  text: string,
  usualPort: number,
): { readonly namespace: string; readonly name: string; readonly port: number } | undefined {
  const [, namespace, name, given = String(usualPort)] = SERVICE.exec(text) ?? [];
  const port = Number(given);
  if (namespace === undefined || name === undefined || port < 1 || port > 65_535) return undefined;
  return { namespace, name, port };
}
