import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { VerbMethod } from '../../machines/verbs.ts';
import { nodeContainer, inspectContainers, type NodeContainer } from './containers.ts';
import type { PlannedNode } from './kind-plan.ts';

const SETTLED_WITHIN_MS = patient(10_000);
const LOOK_EVERY_MS = 20;

/** What a machine acts by, and tells what it does otherwise than asked. */
export interface MachineTools {
  readonly engine: ContainerEngine;
  readonly log: (text: string) => void;
}

/**
 * One machine of a kind cluster: what was planned, what its container showed last, and what can be done to it through its
 * engine. Each verb resolves when its effect is seen, and may be repeated.
 */
export class KindMachine implements PlannedNode, Record<VerbMethod, () => Promise<void>> {
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
  network = '';
  /** The addresses that it has, or had last. */
  address = '';
  address6 = '';
  readonly #engine: ContainerEngine;
  readonly #log: (text: string) => void;

  constructor({ name, zone, role }: PlannedNode, { engine, log }: MachineTools) {
    this.#engine = engine;
    this.#log = log;
    this.name = name;
    this.zone = zone;
    this.role = role;
    this.seen = { name, id: '', power: 'off', frozen: false };
  }

  update(seen: NodeContainer): void {
    this.seen = seen;
    this.network = seen.network ?? this.network;
    this.address = seen.address ?? this.address;
    this.address6 = seen.address6 ?? this.address6;
  }

  get power(): 'on' | 'off' {
    return this.seen.power;
  }
  get isUnplugged(): boolean {
    return this.power === 'on' && this.seen.network === undefined;
  }

  /** @throws FiredrillError `machine.vanished` where somebody has removed the container */
  async look(): Promise<NodeContainer> {
    const found = (await inspectContainers(this.#engine, [this.name])).get(this.name);
    if (found === undefined)
      throw new FiredrillError('machine.vanished', `the container ${this.name} is gone`);
    this.update(nodeContainer(found));
    return this.seen;
  }

  /** Every process of the machine is killed at once. */
  async powerOff(): Promise<void> {
    const seen = await this.look();
    if (seen.power === 'on') {
      await this.#kill(seen);
      await this.#until('off', ({ power }) => power === 'off');
    }
    await this.#settle();
    // A machine that is switched on again has its cable in.
    if (this.seen.network === undefined) await this.#plugIn();
  }

  async powerOn(): Promise<void> {
    const { power } = await this.look();
    if (power === 'off') {
      await this.#engine.call(['start', this.name]);
      await this.#until('on', (seen) => seen.power === 'on');
    }
    this.fenced = false;
  }

  async freeze(): Promise<void> {
    const { power, frozen } = await this.look();
    this.#requireOn(power, 'freeze');
    if (frozen) return;
    await this.#engine.call(['pause', this.name]);
    await this.#until('frozen', (seen) => seen.frozen);
  }

  async thaw(): Promise<void> {
    const { frozen } = await this.look();
    if (!frozen) return;
    await this.#engine.call(['unpause', this.name]);
    await this.#until('thawed', (seen) => !seen.frozen);
  }

  /** Takes the whole interface away, so that IPv4 and IPv6 are cut alike. */
  async cableOut(): Promise<void> {
    const { power, network } = await this.look();
    this.#requireOn(power, 'pull the cable of');
    if (network === undefined) return;
    await this.#engine.call(['network', 'disconnect', network, this.name]);
    await this.#until('unplugged', (seen) => seen.network === undefined);
  }

  async cableIn(): Promise<void> {
    const { power, network } = await this.look();
    if (network !== undefined) return;
    const { address: before } = this;
    await this.#plugIn();
    if (power === 'off') return;
    await this.#until('plugged in', ({ address }) => address !== undefined);
    if (this.address === before) return;
    // kubelet and certificates are of the old address; the start of a node of kind's puts the new one in their place.
    this.#log(`${this.name}: ${before} was given to another, it restarts with ${this.address}`);
    await this.#engine.call(['restart', this.name]);
    await this.#until('on', (seen) => seen.power === 'on');
  }

  async #kill({ frozen }: NodeContainer): Promise<void> {
    try {
      await this.#engine.call(['kill', this.name]);
    } catch (error) {
      const seen = await this.look();
      if (seen.power === 'off') return;
      // Podman kills nothing that is frozen.
      if (!frozen) throw error;
      await this.#engine.call(['unpause', this.name]);
      await this.#engine.call(['kill', this.name]);
    }
  }

  /**
   * Podman takes a container's network away a moment after its end, by a process of its own. Until then it neither takes a
   * cable nor gets one when it is started.
   */
  async #settle(): Promise<void> {
    if (this.#engine.name === 'podman') await this.#engine.call(['container', 'cleanup', this.name]);
  }

  /** With its old addresses where the network lets us choose, or else with what the engine gives. */
  async #plugIn(): Promise<void> {
    const { name, network, address, address6 } = this;
    const addresses = [
      ...(address === '' ? [] : ['--ip', address]),
      ...(address6 === '' ? [] : ['--ip6', address6]),
    ];
    try {
      await this.#engine.call(['network', 'connect', ...addresses, network, name]);
    } catch (error) {
      if (error instanceof FiredrillError && error.code === 'engine.silent') throw error;
      // Docker lets nobody choose an address of a subnet that it has chosen itself.
      await this.#engine.call(['network', 'connect', network, name]);
    }
    await this.look();
  }

  async #until(what: string, isSo: (seen: NodeContainer) => boolean): Promise<void> {
    const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
    while (!isSo(await this.look())) {
      if (performance.now() > deadlineMs) {
        throw new FiredrillError(
          'machine.not-settled',
          `${this.name} is not ${what} ${SETTLED_WITHIN_MS} ms after the engine said so`,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  #requireOn(power: 'on' | 'off', verb: string): void {
    if (power === 'on') return;
    throw new FiredrillError('machine.not-on', `cannot ${verb} ${this.name}: its power is off`);
  }
}
