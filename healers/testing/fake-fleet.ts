import https from 'node:https';
import type { Duplex } from 'node:stream';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { TestCertificate } from './certificate.ts';
import { TestMachineServer } from './machine-server.ts';

/** How often a fake kubelet renews its lease; faster than a real one, so that tests are short. */
const RENEW_MS = 250;

interface FakeNode {
  readonly name: string;
  readonly address: string;
  readonly server: https.Server;
  /** Connections, also those whose handshake is under way, of which the server itself knows nothing. */
  readonly sockets: Set<Duplex>;
  renewing: NodeJS.Timeout | undefined;
}

/**
 * Nodes without machines: real Node and Lease objects, a TLS server that answers as a kubelet on a loopback address of
 * its own, and a machine interface that can switch them off.
 */
export class FakeFleet {
  readonly machines: TestMachineServer;
  readonly #kube: KubeClient;
  readonly #certificate: TestCertificate;
  readonly #nodes = new Map<string, FakeNode>();
  readonly #port: number;
  #made = 0;

  constructor(kube: KubeClient, certificate: TestCertificate, kubeletPort: number) {
    this.#kube = kube;
    this.#certificate = certificate;
    this.#port = kubeletPort;
    this.machines = new TestMachineServer(certificate, {
      powerOff: async (node) => await this.silence(node),
      replace: async (node) => {
        this.machines.states.delete(node);
        const name = `${node}-r`;
        await this.add(name);
        return name;
      },
    });
  }

  async add(name: string): Promise<void> {
    const number = ++this.#made;
    const address = `127.0.2.${number}`;
    const server = https.createServer(
      { cert: this.#certificate.cert, key: this.#certificate.key },
      (_, response) => {
        response.writeHead(401).end();
      },
    );
    await new Promise<void>((resolve) => server.listen(this.#port, address, resolve));
    const sockets = new Set<Duplex>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const node: FakeNode = { name, address, server, sockets, renewing: undefined };
    this.#nodes.set(name, node);
    await this.#register(node, `zone-${number}`);
    node.renewing = setInterval(() => {
      // A renewal that fails is one that did not happen: just what a lease is for.
      this.#renew(name).catch(() => undefined);
    }, RENEW_MS);
    this.machines.states.set(name, 'on');
  }

  /** The power goes: no answer, no renewal, and the machine interface knows. */
  async powerOff(name: string): Promise<void> {
    await this.silence(name);
    this.machines.states.set(name, 'off');
  }

  /** Nobody answers any more; the machine interface still says `on`. */
  async silence(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    clearInterval(node.renewing);
    const closed = new Promise((resolve) => node.server.close(resolve));
    for (const socket of node.sockets) socket.destroy();
    await closed;
  }

  /** Answers again, as if the cable were back. */
  async revive(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    await new Promise<void>((resolve) => node.server.listen(this.#port, node.address, resolve));
    node.renewing = setInterval(() => {
      this.#renew(name).catch(() => undefined);
    }, RENEW_MS);
    await this.#renew(name);
  }

  /** The kubelet reports itself Ready or not, and goes on answering and renewing. */
  async report(name: string, ready: 'True' | 'False'): Promise<void> {
    const conditions = [{ type: 'Ready', status: ready }];
    const ref = { apiVersion: 'v1', kind: 'Node', name } as const;
    await this.#kube.patch(ref, 'merge', { status: { conditions } }, { subresource: 'status' });
  }

  async addPod(name: string, node: string, namespace = 'default'): Promise<void> {
    await this.#kube.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: { nodeName: node, containers: [{ name: 'web', image: 'web' }] },
    });
  }

  async close(): Promise<void> {
    for (const name of this.#nodes.keys()) await this.silence(name);
    await this.machines.close();
  }

  async #register(node: FakeNode, zone: string): Promise<void> {
    const { name } = node;
    await this.#kube.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'topology.kubernetes.io/zone': zone, 'firedrill.dev/role': 'worker' } },
    });
    const ref = { apiVersion: 'v1', kind: 'Node', name } as const;
    const status = {
      addresses: [{ type: 'InternalIP', address: node.address }],
      daemonEndpoints: { kubeletEndpoint: { Port: this.#port } },
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    await this.#kube.patch(ref, 'merge', { status }, { subresource: 'status' });
    await this.#kube.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name, renewTime: microTime(), leaseDurationSeconds: 40 },
    });
  }

  async #renew(name: string): Promise<void> {
    await this.#kube.patch(
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name },
      'merge',
      { spec: { renewTime: microTime() } },
    );
  }
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
