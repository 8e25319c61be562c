import type { NodeContainer } from './containers.ts';
import type { PlannedNode } from './kind-plan.ts';

/** One machine of a kind cluster: what was planned, what its container showed last, and what we have done to it. */
export class KindMachine implements PlannedNode {
  readonly name: string;
  readonly zone: string;
  readonly role: PlannedNode['role'];
  /** As it was last seen. */
  seen: NodeContainer;
  /** Number of its processes that this machine's kernel shows. */
  processes = 0;
  /** Whether it was switched off through the machine interface since it was last on. */
  fenced = false;
  /** kubeadm's configuration of this node, for whoever comes in its place. */
  kubeadm = '';
  /** The network that it belongs to, also while its cable is out. */
  #network = '';
  #address = '';
  #address6 = '';

  constructor({ name, zone, role }: PlannedNode) {
    this.name = name;
    this.zone = zone;
    this.role = role;
    this.seen = { name, id: '', power: 'off', frozen: false };
  }

  update(seen: NodeContainer): void {
    this.seen = seen;
    this.#network = seen.network ?? this.#network;
    this.#address = seen.address ?? this.#address;
    this.#address6 = seen.address6 ?? this.#address6;
  }

  get power(): 'on' | 'off' {
    return this.seen.power;
  }
  get cableOut(): boolean {
    return this.power === 'on' && this.seen.network === undefined;
  }
  get network(): string {
    return this.#network;
  }
  /** The address that it has, or had last. */
  get address(): string {
    return this.#address;
  }
  get address6(): string {
    return this.#address6;
  }
}
