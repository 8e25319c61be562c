import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { NodeInspection, NodeRole } from '../cluster.ts';
import { run } from '../supervisor/command.ts';
import { MachineCgroup, cgroupVersion } from './cgroups.ts';
import type { DiskFactory } from './disk.ts';
import { NETWORK_PLAN, cableName, nodeAddress } from './network-plan.ts';
import { cniConfig, containerdConfig, kubeProxyConfig, kubeletConfig } from './node-config.ts';

const INIT_SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'node-init.sh');
/**
 * The probe and Prometheus stand for machines that the drill does not touch. Where all share two processors they go
 * first, or the harness would measure its own waiting.
 */
const INFRA_CPU_WEIGHT = 8;
const BOOT_WITHIN_MS = 20_000;

export interface MachineOptions {
  readonly cluster: string;
  readonly name: string;
  readonly ordinal: number;
  readonly zone: string;
  readonly role: NodeRole;
  /** The machine's own directory below the cluster's state. */
  readonly directory: string;
  /** Hidden from the node. */
  readonly stateRoot: string;
  readonly binaries: Readonly<Record<string, string>>;
  readonly pauseImage: string;
  readonly disks: DiskFactory;
  /** Files of the node's configuration that the cluster's authority makes: certificates and kubeconfigs. */
  readonly credentials: Readonly<Record<string, string>>;
}

type PowerState = 'off' | 'booting' | 'on' | 'retired';

/** One node as a machine: power, freezer, cable. What Kubernetes believes of it is Kubernetes' business. */
export class Machine {
  readonly name: string;
  readonly zone: string;
  readonly role: NodeRole;
  readonly ordinal: number;
  readonly address: string;
  readonly #options: MachineOptions;
  readonly #cgroup: MachineCgroup;
  #power: PowerState = 'off';
  #cableOut = false;
  #fenced = false;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #initPid = 0;
  /** Power verbs of one machine run one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: MachineOptions) {
    this.#options = options;
    this.name = options.name;
    this.zone = options.zone;
    this.role = options.role;
    this.ordinal = options.ordinal;
    this.address = nodeAddress(options.ordinal);
    this.#cgroup = new MachineCgroup(
      options.cluster,
      options.name,
      options.role === 'infra' ? INFRA_CPU_WEIGHT : 1,
    );
  }

  get power(): 'on' | 'off' {
    return this.#power === 'on' || this.#power === 'booting' ? 'on' : 'off';
  }
  get retired(): boolean {
    return this.#power === 'retired';
  }
  get frozen(): boolean {
    return this.#cgroup.isFrozen();
  }
  /** Whether it was switched off through the machine interface since it was last on. */
  get fenced(): boolean {
    return this.#fenced;
  }
  get cableOut(): boolean {
    return this.#cableOut;
  }
  /** Pid of the node's first process, as the host sees it; 0 while the power is off. */
  get initPid(): number {
    return this.#initPid;
  }
  get directory(): string {
    return this.#options.directory;
  }

  /** Writes the configuration and makes the disk. Needs neither network nor API server. */
  prepare(): Promise<void> {
    return this.#exclusive(() => this.#prepare());
  }

  async #prepare(): Promise<void> {
    // A cluster that goes down may retire a machine before it was made; then nothing of it must appear afterwards.
    if (this.#power === 'retired')
      throw new FiredrillError('machine.retired', `${this.name} was retired before it was ready`);
    const { directory, ordinal, role, pauseImage, credentials, disks } = this.#options;
    const config = join(directory, 'config');
    mkdirSync(config, { recursive: true, mode: 0o700 });
    mkdirSync(join(directory, 'logs'), { recursive: true });
    const input = {
      ordinal,
      pauseImage,
      infra: role === 'infra',
      cgroupRoot: this.#cgroup.kubeletRoot,
      cgroupVersion: cgroupVersion(),
    };
    const files = {
      'kubelet.yaml': kubeletConfig(input),
      'kube-proxy.yaml': kubeProxyConfig(),
      'containerd.toml': containerdConfig(input),
      'cni.conflist': cniConfig(ordinal),
      ...credentials,
    };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(config, name), content, { mode: 0o600 });
    await disks.create(join(directory, 'disk.img'));
  }

  powerOn(): Promise<void> {
    return this.#exclusive(() => this.#boot());
  }

  /** Cuts the power: every process of the node is killed at once; resolves when none is left. */
  powerOff(options: { fenced?: boolean } = {}): Promise<void> {
    return this.#exclusive(async () => {
      if (options.fenced === true) this.#fenced = true;
      await this.#cutPower();
    });
  }

  /** Powers off for good; the machine never starts again and its files are gone. */
  retire(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#cutPower();
      this.#power = 'retired';
      rmSync(this.#options.directory, { recursive: true, force: true });
    });
  }

  freeze(): Promise<void> {
    return this.#exclusive(async () => {
      this.#requireOn('freeze');
      await this.#cgroup.freeze();
    });
  }

  thaw(): Promise<void> {
    return this.#exclusive(() => this.#cgroup.thaw());
  }

  setCable(state: 'in' | 'out'): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#power !== 'on') {
        if (state === 'out') this.#requireOn('pull the cable of');
        this.#cableOut = false;
        return;
      }
      await run('ip', ['link', 'set', cableName(this.ordinal), state === 'out' ? 'down' : 'up']);
      this.#cableOut = state === 'out';
    });
  }

  /** Starts the kubelet and the kube-proxy; apart from the boot, since images have to be there first. */
  startKubernetes(): void {
    this.command('start', 'kubelet');
    this.command('start', 'kube-proxy');
  }

  /** Starts or stops one of the node's programs: containerd, kubelet, kube-proxy. */
  command(verb: 'start' | 'stop', program: string): void {
    this.#requireOn(`${verb} ${program} on`);
    this.#process?.stdin?.write(`${verb} ${program}\n`);
  }

  async inspect(): Promise<NodeInspection> {
    const cable = await run('ip', ['-json', 'link', 'show', cableName(this.ordinal)], { allow: [1] });
    const links = cable.trim() === '' ? [] : (JSON.parse(cable) as { flags?: string[] }[]);
    return {
      node: this.name,
      exists: this.#power !== 'retired',
      processes: this.#cgroup.processes().length,
      frozen: this.frozen,
      cable: links[0] === undefined ? 'absent' : links[0].flags?.includes('UP') === true ? 'in' : 'out',
      fenced: this.#fenced,
    };
  }

  #requireOn(verb: string): void {
    if (this.#power === 'on') return;
    throw new FiredrillError('machine.not-on', `cannot ${verb} ${this.name}: its power is ${this.#power}`, {
      userError: true,
    });
  }

  async #boot(): Promise<void> {
    if (this.#power === 'on') return;
    if (this.#power === 'retired') {
      throw new FiredrillError('machine.retired', `${this.name} was retired and never starts again`);
    }
    const { directory, stateRoot, binaries, zone, role, cluster } = this.#options;
    const log = openSync(join(directory, 'logs', 'init.log'), 'a');
    this.#power = 'booting';
    try {
      const child = spawn(
        'setpriv',
        [
          ...[
            '--pdeathsig',
            'KILL',
            '--',
            'unshare',
            '--mount',
            '--pid',
            '--uts',
            '--ipc',
            '--net',
            '--fork',
          ],
          ...['--kill-child', '--', '/bin/bash', INIT_SCRIPT],
        ],
        {
          stdio: ['pipe', 'pipe', log],
          env: {
            PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            HOME: '/root',
            NODE_NAME: this.name,
            NODE_DIR: directory,
            NODE_ADDRESS: this.address,
            NODE_LABELS: `topology.kubernetes.io/zone=${zone},firedrill.dev/role=${role}`,
            STATE_ROOT: stateRoot,
            CGROUP_PROCS: this.#cgroup.create().join(':'),
            BINARIES: Object.entries(binaries)
              .map(([name, path]) => `${name}=${path}`)
              .join(':'),
            MACHINE_ID: createHash('sha256').update(`${cluster}/${this.name}`).digest('hex').slice(0, 32),
          },
        },
      );
      this.#process = child;
      this.#ended = new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.once('error', () => resolve());
      });
      child.stdin?.on('error', () => {
        // The node died while a command was on its way; whoever waits for an effect will miss it and say so.
      });
      this.#initPid = await this.#booted(child);
      await this.#plugIn(child.pid ?? 0);
      this.#power = 'on';
      this.#fenced = false;
      void this.#ended.then(() => {
        if (this.#process === child && this.#power === 'on') this.#power = 'off';
      });
    } catch (cause) {
      await this.#cutPower();
      throw new FiredrillError('machine.boot-failed', `${this.name} did not boot`, {
        cause,
        hint:
          readFileSync(join(directory, 'logs', 'init.log'), 'utf8')
            .trim()
            .slice(-600) || 'its first process said nothing',
      });
    } finally {
      closeSync(log);
    }
  }

  /** Resolves with the pid of the node's first process, as seen from outside, once its root is built. */
  #booted(child: ChildProcess): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no sign of life within ${BOOT_WITHIN_MS} ms`)),
        BOOT_WITHIN_MS,
      );
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(reason));
      };
      child.once('exit', (code, signal) =>
        fail(`its first process ended (${signal ?? `code ${code ?? '?'}`})`),
      );
      child.once('error', (error) => fail(error.message));
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        const pid = /^booted (\d+)$/.exec(line)?.[1];
        if (pid === undefined) return;
        clearTimeout(timer);
        resolve(Number(pid));
      });
    });
  }

  /** Connects the node's network namespace to the hub. */
  async #plugIn(namespacePid: number): Promise<void> {
    const cable = cableName(this.ordinal);
    await run('ip', ['-batch', '-'], {
      input: [
        `link add ${cable} type veth peer name eth0 netns ${namespacePid}`,
        `link set ${cable} master ${NETWORK_PLAN.bridge} up`,
      ].join('\n'),
    });
    await run('nsenter', [`--net=/proc/${namespacePid}/ns/net`, 'ip', '-batch', '-'], {
      input: [
        `addr add ${this.address}/${NETWORK_PLAN.nodePrefixLength} dev eth0`,
        'link set eth0 up',
        `route add default via ${NETWORK_PLAN.hubAddress}`,
      ].join('\n'),
    });
    this.#cableOut = false;
  }

  async #cutPower(): Promise<void> {
    if (this.#process !== undefined) {
      // The first process of a pid namespace takes all others with it, and its parent ends after the last of them.
      if (this.#initPid > 0 && this.#process.exitCode === null && this.#process.signalCode === null) {
        try {
          process.kill(this.#initPid, 'SIGKILL');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      } else {
        this.#process.kill('SIGKILL');
      }
      // A frozen process takes no signal before it is thawed, and then dies of it first of all.
      await this.#cgroup.thaw();
      await this.#ended;
      this.#process = undefined;
      this.#initPid = 0;
    }
    if (this.#power !== 'retired') this.#power = 'off';
    this.#cableOut = false;
    // The kernel takes the cable away with the namespace at its other end, at a moment of its own: 1 and 2 say that it has.
    await run('ip', ['link', 'del', cableName(this.ordinal)], { allow: [1, 2] });
    await this.#cgroup.remove();
  }

  #exclusive<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action, action);
    this.#queue = result.catch(() => {});
    return result;
  }
}
