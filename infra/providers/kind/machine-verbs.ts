import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { nodeContainer, inspectContainers, type NodeContainer } from './containers.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { KindMachine } from './kind-machine.ts';

const SETTLED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** What can be done to a machine through its engine. Each verb resolves when its effect is seen, and may be repeated. */
export class MachineVerbs {
  readonly #engine: ContainerEngine;
  readonly #log: (text: string) => void;

  constructor(engine: ContainerEngine, log: (text: string) => void) {
    this.#engine = engine;
    this.#log = log;
  }

  /** @throws FiredrillError `machine.vanished` where somebody has removed the container */
  async look(machine: KindMachine): Promise<NodeContainer> {
    const found = (await inspectContainers(this.#engine, [machine.name])).get(machine.name);
    if (found === undefined)
      throw new FiredrillError('machine.vanished', `the container ${machine.name} is gone`);
    machine.update(nodeContainer(found));
    return machine.seen;
  }

  /** Every process of the machine is killed at once. */
  async powerOff(machine: KindMachine): Promise<void> {
    const seen = await this.look(machine);
    if (seen.power === 'on') {
      await this.#kill(machine, seen);
      await this.#until(machine, 'off', ({ power }) => power === 'off');
    }
    await this.#settle(machine);
    // A machine that is switched on again has its cable in.
    if (machine.seen.network === undefined) await this.#plugIn(machine);
  }

  async powerOn(machine: KindMachine): Promise<void> {
    const { power } = await this.look(machine);
    if (power === 'off') {
      await this.#engine.call(['start', machine.name]);
      await this.#until(machine, 'on', (seen) => seen.power === 'on');
    }
    machine.fenced = false;
  }

  async freeze(machine: KindMachine): Promise<void> {
    const { power, frozen } = await this.look(machine);
    requireOn(machine, power, 'freeze');
    if (frozen) return;
    await this.#engine.call(['pause', machine.name]);
    await this.#until(machine, 'frozen', (seen) => seen.frozen);
  }

  async thaw(machine: KindMachine): Promise<void> {
    const { frozen } = await this.look(machine);
    if (!frozen) return;
    await this.#engine.call(['unpause', machine.name]);
    await this.#until(machine, 'thawed', (seen) => !seen.frozen);
  }

  /** Takes the whole interface away, so that IPv4 and IPv6 are cut alike. */
  async cableOut(machine: KindMachine): Promise<void> {
    const { power, network } = await this.look(machine);
    requireOn(machine, power, 'pull the cable of');
    if (network === undefined) return;
    await this.#engine.call(['network', 'disconnect', network, machine.name]);
    await this.#until(machine, 'unplugged', (seen) => seen.network === undefined);
  }

  async cableIn(machine: KindMachine): Promise<void> {
    const { power, network } = await this.look(machine);
    if (network !== undefined) return;
    const { address: before } = machine;
    await this.#plugIn(machine);
    if (power === 'off') return;
    await this.#until(machine, 'plugged in', ({ address }) => address !== undefined);
    if (machine.address === before) return;
    // kubelet and certificates are of the old address; the start of a node of kind's puts the new one in their place.
    this.#log(`${machine.name}: ${before} was given to another, it restarts with ${machine.address}`);
    await this.#engine.call(['restart', machine.name]);
    await this.#until(machine, 'on', (seen) => seen.power === 'on');
  }

  async #kill(machine: KindMachine, { frozen }: NodeContainer): Promise<void> {
    try {
      await this.#engine.call(['kill', machine.name]);
    } catch (error) {
      const seen = await this.look(machine);
      if (seen.power === 'off') return;
      // Podman kills nothing that is frozen.
      if (!frozen) throw error;
      await this.#engine.call(['unpause', machine.name]);
      await this.#engine.call(['kill', machine.name]);
    }
  }

  /**
   * Podman takes a container's network away a moment after its end, by a process of its own. Until then it neither takes a
   * cable nor gets one when it is started.
   */
  async #settle({ name }: KindMachine): Promise<void> {
    if (this.#engine.name === 'podman') await this.#engine.call(['container', 'cleanup', name]);
  }

  /** With its old addresses where the network lets us choose, or else with what the engine gives. */
  async #plugIn(machine: KindMachine): Promise<void> {
    const { name, network, address, address6 } = machine;
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
    await this.look(machine);
  }

  async #until(machine: KindMachine, what: string, isSo: (seen: NodeContainer) => boolean): Promise<void> {
    const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
    while (!isSo(await this.look(machine))) {
      if (performance.now() > deadlineMs) {
        throw new FiredrillError(
          'machine.not-settled',
          `${machine.name} is not ${what} ${SETTLED_WITHIN_MS} ms after the engine said so`,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }
}

function requireOn(machine: KindMachine, power: 'on' | 'off', verb: string): void {
  if (power === 'on') return;
  throw new FiredrillError('machine.not-on', `cannot ${verb} ${machine.name}: its power is off`, {
    userError: true,
  });
}
