import { writeFileSync } from 'node:fs';
import { run } from '../../process/run.ts';
import { MACHINES_MAX, NETWORK_PLAN, nodeAddress, podSubnet } from './network-plan.ts';

/**
 * Builds the hub inside the network namespace of this process: the bridge that all machines hang off, and the routes
 * to their pods. Nothing of it is seen on the host, and it vanishes with the last process in the namespace.
 */
export async function buildHub(): Promise<void> {
  const { bridge, hubAddress, nodePrefixLength } = NETWORK_PLAN;
  const routes = Array.from(
    { length: MACHINES_MAX },
    (_, index) => `route add ${podSubnet(index + 1)} via ${nodeAddress(index + 1)} dev ${bridge}`,
  );
  await run('ip', ['-batch', '-'], {
    input: [
      'link set lo up',
      `link add ${bridge} type bridge forward_delay 0`,
      `addr add ${hubAddress}/${nodePrefixLength} dev ${bridge}`,
      `link set ${bridge} up`,
      ...routes,
    ].join('\n'),
  });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // Pods of different nodes talk through the hub's one interface; telling them a shorter way would bypass it.
  writeFileSync('/proc/sys/net/ipv4/conf/all/send_redirects', '0');
  writeFileSync(`/proc/sys/net/ipv4/conf/${bridge}/send_redirects`, '0');
}
