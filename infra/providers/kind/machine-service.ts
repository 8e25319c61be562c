import { randomBytes } from 'node:crypto';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import type { MachineCall, MachineProfile } from '../../cluster.ts';
import { openMachineDoor, type MachineBackend } from '../../supervisor/machine-door.ts';
import { CALL_RATES } from '../../supervisor/power-cuts.ts';
import { CertificateAuthority } from '../../supervisor/pki.ts';
import type { Manifest } from '../../kube/objects.ts';
import { machineSecret } from '../../supervisor/provisioned-objects.ts';
import type { ContainerEngine } from '../../engine/engine.ts';

/** A machine interface that is served, and what tells a healer of it. */
interface MachineService {
  readonly server: Server;
  readonly objects: readonly Manifest[];
}

/**
 * Serves the machine interface where pods reach it: at the address of this machine in the nodes' network, on a port that
 * is free, and for nobody without the token.
 * @throws FiredrillError `kind.gateway-elsewhere`
 */
export async function serveMachines(options: {
  readonly cluster: string;
  readonly gateway: string;
  readonly profile: Exclude<MachineProfile, 'none'>;
  readonly clusterUid: () => string;
  readonly backend: MachineBackend;
  readonly onCall: (call: MachineCall) => void;
}): Promise<MachineService> {
  const { cluster, clusterUid, gateway, profile, backend, onCall } = options;
  const authority = await CertificateAuthority.create(`firedrill machines ${cluster}`);
  const certified = await authority.issue({ commonName: 'machines', use: 'server', addresses: [gateway] });
  const token = randomBytes(32).toString('hex');
  let server: Server;
  try {
    server = await openMachineDoor({
      host: gateway,
      port: 0,
      ...certified,
      token,
      clusterUid,
      backend,
      rate: CALL_RATES[profile],
      monoMs: () => performance.now(),
      wallMs: Date.now,
      onCall,
    });
  } catch (cause) {
    throw new FiredrillError(
      'kind.gateway-elsewhere',
      `the machine interface cannot be served to pods: the gateway of the nodes, ${gateway}, is no address of this machine (${messageOf(cause)})`,
      {
        cause,
        hint: 'a rootless engine, or one in a virtual machine, has its network elsewhere: use --machines none, or an engine on this machine',
      },
    );
  }
  const { port } = server.address() as AddressInfo;
  const url = `https://${gateway}:${port}`;
  return { server, objects: machineSecret({ url, caPem: authority.certPem, token }) };
}

/** The address at which the nodes reach the machine that their engine runs on. */
export async function gatewayOf(engine: ContainerEngine, node: string): Promise<string> {
  const routes = await engine.exec(node, ['ip', '-4', 'route', 'show', 'default']);
  const gateway = /\bvia (\d+\.\d+\.\d+\.\d+)/.exec(routes)?.[1];
  if (gateway !== undefined) return gateway;
  throw new FiredrillError('kind.no-gateway', `${node} has no default route: ${JSON.stringify(routes)}`);
}
