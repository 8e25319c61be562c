import { reapServers } from '../../infra/servers/index.ts';

/** Takes away the throw-away servers of processes that were killed, and tells of it. */
export async function clearDeadServers(env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<void> {
  for (const { session, containers, left } of await reapServers(env)) {
    if (containers.length > 0) print(`removed ${containers.join(', ')}, whose process was killed\n`);
    if (left !== undefined)
      print(`servers of session ${session}, whose process was killed, are left: ${left}\n`);
  }
}
