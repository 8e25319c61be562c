import { createServer } from 'node:net';
import { once } from 'node:events';
import { messageOf } from '../../../harness/core/errors.ts';
import { execute } from '../../process/run.ts';
import type { Surveyed } from '../../toolchain/survey.ts';

/** What the network of a cluster is made of, and a command that needs it. */
const FEATURES = {
  bridge: 'ip link add b0 type bridge',
  veth: 'ip link add v0 type veth peer name v1',
  nat: 'iptables -w -t nat -A POSTROUTING -j MASQUERADE',
  conntrack: 'iptables -w -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  statistic: 'iptables -w -A INPUT -m statistic --mode random --probability 0.5 -j ACCEPT',
} as const;

/**
 * Tries in a network namespace that is gone afterwards whether the kernel has what a cluster's network is made of.
 *
 * @param programs Their paths
 */
export async function networkFeatures(
  programs: Readonly<Record<'unshare' | 'ip' | 'iptables', string>>,
  signal: AbortSignal,
): Promise<Surveyed> {
  const { unshare, ip, iptables } = programs;
  const script = Object.entries(FEATURES).map(
    ([name, words]) =>
      `${words.replace('iptables', iptables).replace(/^ip /, `${ip} `)} 2>/dev/null || echo ${name}`,
  );
  const { code, output, errors } = await execute(unshare, ['--net', '/bin/sh', '-c', script.join('\n')], {
    signal,
    group: true,
  });
  const missing = output.trim().replaceAll('\n', ', ');
  return {
    name: 'network',
    ok: code === 0 && missing === '',
    found:
      code !== 0
        ? `no network namespace: ${errors.trim()}`
        : missing === ''
          ? Object.keys(FEATURES).join(', ')
          : `the kernel lacks: ${missing}`,
    remedy:
      'modprobe -a bridge veth iptable_nat nf_conntrack xt_MASQUERADE xt_conntrack xt_statistic; in a container, on its host',
  };
}

/** Whether a port of the loopback can be listened on: the way to a cluster's API. */
export async function loopbackPort(): Promise<Surveyed> {
  const remedy = 'bring the loopback up (ip link set lo up) and see net.ipv4.ip_local_port_range';
  const server = createServer();
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { name: 'ports', ok: true, found: '127.0.0.1 gives out free ones', remedy };
  } catch (error) {
    return { name: 'ports', ok: false, found: `none on 127.0.0.1: ${messageOf(error)}`, remedy };
  } finally {
    server.close();
  }
}
