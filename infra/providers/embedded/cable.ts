import type { NodeInspection } from '../../machines/inspection.ts';
import { run } from '../../process/run.ts';
import { NETWORK_PLAN, cableName, nodeAddress } from './network-plan.ts';

/** The network cable of one machine: a link between the hub and the machine's network namespace. */
export class Cable {
  readonly #name: string;
  readonly #address: string;

  constructor(ordinal: number) {
    this.#name = cableName(ordinal);
    this.#address = nodeAddress(ordinal);
  }

  /** Connects the network namespace of a process to the hub. */
  async connect(namespacePid: number): Promise<void> {
    await run('ip', ['-batch', '-'], {
      input: [
        `link add ${this.#name} type veth peer name eth0 netns ${namespacePid}`,
        `link set ${this.#name} master ${NETWORK_PLAN.bridge} up`,
      ].join('\n'),
    });
    await run('nsenter', [`--net=/proc/${namespacePid}/ns/net`, 'ip', '-batch', '-'], {
      input: [
        `addr add ${this.#address}/${NETWORK_PLAN.nodePrefixLength} dev eth0`,
        'link set eth0 up',
        `route add default via ${NETWORK_PLAN.hubAddress}`,
      ].join('\n'),
    });
  }

  async set(state: 'in' | 'out'): Promise<void> {
    await run('ip', ['link', 'set', this.#name, state === 'out' ? 'down' : 'up']);
  }

  async look(): Promise<NodeInspection['cable']> {
    const text = await run('ip', ['-json', 'link', 'show', this.#name], { allow: [1] });
    const links = text.trim() === '' ? [] : (JSON.parse(text) as { flags?: string[] }[]);
    if (links[0] === undefined) return 'absent';
    return links[0].flags?.includes('UP') === true ? 'in' : 'out';
  }

  /** The kernel takes the cable away with the namespace at its other end, at a moment of its own: 1 and 2 say that it has. */
  async remove(): Promise<void> {
    await run('ip', ['link', 'del', this.#name], { allow: [1, 2] });
  }
}
