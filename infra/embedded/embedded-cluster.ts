import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from 'node:https';
import { systemClock } from '../../harness/core/clock.ts';
import { FiredrillError, describeError, messageOf } from '../../harness/core/errors.ts';
import { createRng, type Rng } from '../../harness/core/seed.ts';
import type { MachineState, ReplaceResult } from '../../healers/machines/protocol.ts';
import type { ClusterNode, MachineCall, NodeInspection, ProvisionProgress } from '../cluster.ts';
import { applyAll } from '../kube/apply.ts';
import { KubeClient } from '../kube/client.ts';
import { nodeReady } from '../kube/readiness.ts';
import { waitForApiServer, waitForObject } from '../kube/wait.ts';
import { clustersRoot, type ClusterPaths } from '../state-directory.ts';
import { Claims } from '../supervisor/claims.ts';
import type { ControlBackend, NodeVerb } from '../supervisor/control-door.ts';
import { forwardFromHost, type HostListener } from '../supervisor/host-listener.ts';
import { Broadcast } from '../supervisor/json-lines.ts';
import { JsonTail } from '../supervisor/audit-tail.ts';
import { openMachineDoor } from '../supervisor/machine-door.ts';
import { reportedState } from '../supervisor/machine-profile.ts';
import type { LoadImages, SupervisorStatus } from '../supervisor/protocol.ts';
import { runUndo } from '../supervisor/undo.ts';
import { removeClusterCgroups } from './cgroups.ts';
import { clusterConfig, dnsObjects, machineSecret, storageClasses, targetMark } from './cluster-objects.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { createCredentials, nodeCredentials, type ClusterCredentials } from './credentials.ts';
import { copiesOf } from './disk.ts';
import { buildHub } from './hub.ts';
import { ImageStore } from './image-store.ts';
import { NODE_TOOLS, type LaunchPlan } from './launch.ts';
import { Machine } from './machine.ts';
import { MACHINES_MAX, NETWORK_PLAN, nodeAddress } from './network-plan.ts';
import { kubeconfig } from './node-config.ts';
import { serveStorage } from './storage.ts';

const API_WITHIN_MS = 60_000;
const NODES_WITHIN_MS = 90_000;
const LAPSE_CHECK_MS = 500;

/** One embedded cluster, inside its supervisor: the control plane, the machines, and what the doors open to. */
export class EmbeddedCluster implements ControlBackend {
  readonly claims: Claims;
  readonly audit = new Broadcast<Record<string, unknown>>();
  readonly machineCalls = new Broadcast<MachineCall>();
  readonly progress = new Broadcast<ProvisionProgress>();
  readonly #plan: LaunchPlan;
  readonly #paths: ClusterPaths;
  readonly #hostNamespaceFd: number;
  readonly #onEnd: () => void;
  readonly #random: Rng;
  readonly #startedMonoMs = performance.now();
  readonly #startedAtMs = Date.now();
  readonly #progressSoFar: ProvisionProgress[] = [];
  readonly #timings: Record<string, number> = {};
  readonly #machines = new Map<string, Machine>();
  readonly #images: ImageStore;
  readonly #powerFacts = new Map<string, { offSinceMonoMs: number; draw: number }>();
  readonly #abort = new AbortController();
  #phase: SupervisorStatus['phase'] = 'starting';
  #detail = '';
  #uid = '';
  #kubernetesVersion = '';
  #apiServerUrl = '';
  #readyAfterMs: number | undefined;
  #lastOrdinal = 0;
  #owners = 0;
  #credentials: ClusterCredentials | undefined;
  #controlPlane: ControlPlane | undefined;
  #kube: KubeClient | undefined;
  #hostListener: HostListener | undefined;
  #machineDoor: Server | undefined;
  #auditTail: JsonTail | undefined;
  #downPromise: Promise<void> | undefined;

  constructor(options: {
    plan: LaunchPlan;
    paths: ClusterPaths;
    hostNamespaceFd: number;
    /** Called after everything but this process is gone. */
    onEnd: () => void;
  }) {
    this.#plan = options.plan;
    this.#paths = options.paths;
    this.#hostNamespaceFd = options.hostNamespaceFd;
    this.#onEnd = options.onEnd;
    this.#random = createRng(options.plan.seed);
    this.#images = new ImageStore(options.plan.images, options.plan.tools.ctr);
    this.claims = new Claims({
      monoMs: () => performance.now(),
      runUndo: (undo) =>
        runUndo(undo, {
          powerOn: async (node) => {
            await this.act(node, 'power-on');
          },
          thaw: async (node) => {
            await this.act(node, 'thaw');
          },
          cableIn: async (node) => {
            await this.act(node, 'cable-in');
          },
          state: async (node) => (this.#machines.has(node) ? this.inspect(node) : undefined),
        }),
      onLapse: (claim, failures) =>
        this.#log(
          `claim of ${claim.session} ended${failures.map((line) => `; not undone: ${line}`).join('')}`,
        ),
    });
    const lapses = setInterval(() => {
      this.claims.releaseLapsed().catch((error: unknown) => this.#log(`claims: ${messageOf(error)}`));
    }, LAPSE_CHECK_MS);
    this.#abort.signal.addEventListener('abort', () => clearInterval(lapses));
  }

  /** Brings everything up; on failure the phase becomes `failed` with the reason, and the logs stay. */
  async start(): Promise<void> {
    try {
      await this.#bringUp();
      this.#readyAfterMs = performance.now() - this.#startedMonoMs;
      this.#phase = 'ready';
      this.#report('cluster', 'end', `${this.#machines.size} nodes Ready`, this.#readyAfterMs);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#phase = 'failed';
      this.#detail = describeError(error);
      this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.#report('cluster', 'end', `failed: ${this.#detail}`);
    }
  }

  async #bringUp(): Promise<void> {
    const { plan, signal } = { plan: this.#plan, signal: this.#abort.signal };
    this.#report('cluster', 'begin', 'network, keys');
    await buildHub();
    const credentials = await createCredentials(this.#paths.pki, plan.spec.name);
    this.#credentials = credentials;
    this.#mark('keys');
    this.#controlPlane = startControlPlane({
      paths: this.#paths,
      credentials,
      tools: plan.tools,
      onUnexpectedExit: (reason) => this.#log(reason),
    });
    const url = `https://${NETWORK_PLAN.hubAddress}:${NETWORK_PLAN.apiServerPort}`;
    const kube = new KubeClient({
      server: url,
      caPem: credentials.authority.certPem,
      certPem: credentials.admin.certPem,
      keyPem: credentials.admin.keyPem,
    });
    this.#kube = kube;
    const answers = waitForApiServer(kube, { timeoutMs: API_WITHIN_MS, signal });
    const machines = this.#plannedMachines().map(async (node) => {
      const machine = await this.#addMachine(node);
      await this.#boot(machine);
      // A kubelet that finds no API server backs off for seconds.
      await answers;
      machine.startKubernetes();
    });
    const booted = Promise.all(machines);
    // The API server is waited for first; a machine that fails meanwhile is heard of below.
    booted.catch(() => {});
    await answers;
    this.#controlPlane.startControllers();
    this.#mark('apiServer');
    this.#report('cluster', 'progress', 'API server answers', this.#timings['apiServer']);
    await this.#openDoors(credentials, kube);
    await this.#applyObjects(kube);
    serveStorage({
      kube,
      sharedDirectory: this.#paths.shared,
      nodeRoot: (node) => {
        const machine = this.#machines.get(node);
        return machine?.power === 'on' ? `/proc/${machine.initPid}/root` : undefined;
      },
      log: (text) => this.#log(text),
      signal,
    });
    this.#mark('objects');
    await booted;
    this.#mark('images');
    await Promise.all(
      [...this.#machines.values()].map((machine) =>
        waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name: machine.name }, nodeReady, {
          timeoutMs: NODES_WITHIN_MS,
          signal,
        }),
      ),
    );
    this.#mark('nodes');
  }

  #plannedMachines(): { name: string; zone: string; role: 'worker' | 'infra' }[] {
    const { workers, zones, infraNodes } = this.#plan.spec;
    const zone = (index: number): string => `zone-${(index % zones) + 1}`;
    return [
      ...Array.from({ length: workers }, (_, index) => ({
        name: `node-${index + 1}`,
        zone: zone(index),
        role: 'worker' as const,
      })),
      ...Array.from({ length: infraNodes }, (_, index) => ({
        name: `infra-${index + 1}`,
        zone: zone(index),
        role: 'infra' as const,
      })),
    ];
  }

  async #addMachine(node: { name: string; zone: string; role: 'worker' | 'infra' }): Promise<Machine> {
    const ordinal = ++this.#lastOrdinal;
    if (ordinal > MACHINES_MAX) {
      throw new FiredrillError(
        'cluster.too-many-machines',
        `a cluster has at most ${MACHINES_MAX} machines, replaced ones included`,
      );
    }
    const { tools, pauseImage, spec } = this.#plan;
    if (this.#credentials === undefined)
      throw new FiredrillError('cluster.not-started', 'the keys do not exist yet');
    const machine = new Machine({
      ...node,
      cluster: spec.name,
      ordinal,
      directory: join(this.#paths.nodes, node.name),
      stateRoot: clustersRoot(),
      binaries: Object.fromEntries(NODE_TOOLS.map((tool) => [tool, tools[tool]])),
      pauseImage,
      disks: copiesOf(this.#plan.goldenDisk),
      credentials: await nodeCredentials(this.#credentials.authority, {
        name: node.name,
        address: nodeAddress(ordinal),
      }),
    });
    this.#machines.set(node.name, machine);
    await machine.prepare();
    return machine;
  }

  /** Power on, and every image that the cluster's nodes have. */
  async #boot(machine: Machine): Promise<void> {
    await machine.powerOn();
    await this.#images.importInto(machine);
  }

  async #openDoors(credentials: ClusterCredentials, kube: KubeClient): Promise<void> {
    this.#hostListener = await forwardFromHost(this.#hostNamespaceFd, this.#plan.apiPort, {
      host: NETWORK_PLAN.hubAddress,
      port: NETWORK_PLAN.apiServerPort,
    });
    this.#apiServerUrl = `https://127.0.0.1:${this.#hostListener.port}`;
    writeFileSync(
      this.#paths.kubeconfig,
      kubeconfig({
        name: `firedrill-${this.#plan.spec.name}`,
        server: this.#apiServerUrl,
        caPem: credentials.authority.certPem,
        ...credentials.admin,
      }),
      { mode: 0o600 },
    );
    if (!existsSync(this.#paths.auditLog)) closeSync(openSync(this.#paths.auditLog, 'a', 0o600));
    this.#auditTail = new JsonTail(this.#paths.auditLog, (event) => this.audit.publish(event));
    const token = randomBytes(32).toString('hex');
    if (this.#plan.spec.machineProfile !== 'none') {
      this.#machineDoor = await openMachineDoor({
        host: NETWORK_PLAN.hubAddress,
        port: NETWORK_PLAN.machinePort,
        ...credentials.machineServer,
        token,
        backend: this.#machineBackend(),
        monoMs: () => performance.now(),
        wallMs: Date.now,
        onCall: (call) => this.machineCalls.publish(call),
      });
      const url = `https://${NETWORK_PLAN.hubAddress}:${NETWORK_PLAN.machinePort}`;
      await applyAll(kube, machineSecret({ url, caPem: credentials.machineAuthority.certPem, token }), {
        fieldManager: 'firedrill-supervisor',
        signal: this.#abort.signal,
      });
    }
  }

  async #applyObjects(kube: KubeClient): Promise<void> {
    const objects = [
      clusterConfig(this.#plan.spec),
      targetMark(),
      ...storageClasses(),
      ...dnsObjects(this.#plan.dnsImage),
    ];
    await applyAll(kube, objects, { fieldManager: 'firedrill-supervisor', signal: this.#abort.signal });
    const system = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
    this.#uid = system.metadata?.uid ?? '';
    const version = await kube.request<{ gitVersion: string }>({ method: 'GET', path: '/version' });
    this.#kubernetesVersion = version.gitVersion;
  }

  status(): SupervisorStatus {
    return {
      name: this.#plan.spec.name,
      pid: process.pid,
      phase: this.#phase,
      detail: this.#detail,
      spec: this.#plan.spec,
      uid: this.#uid,
      kubernetesVersion: this.#kubernetesVersion,
      kubeconfigPath: this.#paths.kubeconfig,
      apiServerUrl: this.#apiServerUrl,
      startedAtMs: this.#startedAtMs,
      ...(this.#readyAfterMs === undefined ? {} : { readyAfterMs: this.#readyAfterMs }),
      nodes: this.nodes(),
      claims: this.claims.list(),
      timings: this.#timings,
      quarantined: existsSync(join(this.#paths.directory, 'quarantined')),
    };
  }

  progressSoFar(): readonly ProvisionProgress[] {
    return this.#progressSoFar;
  }

  nodes(): readonly ClusterNode[] {
    return [...this.#machines.values()].map((machine) => ({
      name: machine.name,
      zone: machine.zone,
      role: machine.role,
      address: machine.address,
      power: machine.power,
      frozen: machine.frozen,
      cableOut: machine.cableOut,
    }));
  }

  async inspect(node: string): Promise<NodeInspection> {
    const machine = this.#machines.get(node);
    if (machine === undefined && this.#wasRetired(node)) {
      return { node, exists: false, processes: 0, frozen: false, cable: 'absent', fenced: true };
    }
    return this.#machine(node).inspect();
  }

  async act(node: string, verb: NodeVerb): Promise<NodeInspection> {
    const machine = this.#machine(node);
    switch (verb) {
      case 'power-off':
        await this.#cutPower(machine, false);
        break;
      case 'power-on':
        if (machine.power === 'off') {
          await this.#boot(machine);
          this.#powerFacts.delete(node);
          machine.startKubernetes();
        }
        break;
      case 'freeze':
        await machine.freeze();
        break;
      case 'thaw':
        await machine.thaw();
        break;
      case 'cable-out':
        await machine.setCable('out');
        break;
      case 'cable-in':
        await machine.setCable('in');
        break;
    }
    return machine.inspect();
  }

  async replace(node: string): Promise<string> {
    const old = this.#machine(node);
    const name = `${old.role === 'infra' ? 'infra' : 'node'}-${this.#lastOrdinal + 1}`;
    const machine = await this.#addMachine({
      name,
      zone: old.zone,
      role: old.role === 'infra' ? 'infra' : 'worker',
    });
    await old.retire();
    this.#machines.delete(node);
    this.#powerFacts.delete(node);
    writeFileSync(join(this.#paths.directory, `retired-${node}`), '');
    await this.#boot(machine);
    machine.startKubernetes();
    return name;
  }

  async loadImages(request: LoadImages): Promise<string[]> {
    const names = request.nodes ?? [...this.#machines.keys()];
    if (request.nodes === undefined) this.#images.remember(request.images);
    const targets = names.map((name) => this.#machine(name)).filter((machine) => machine.power === 'on');
    await Promise.all(targets.map((machine) => this.#images.importThese(machine, request.images)));
    return request.images.map((image) => image.reference);
  }

  async collectLogs(directory: string): Promise<void> {
    mkdirSync(directory, { recursive: true });
    cpSync(this.#paths.logs, join(directory, 'hub'), { recursive: true });
    for (const machine of this.#machines.values()) {
      cpSync(join(machine.directory, 'logs'), join(directory, machine.name), { recursive: true });
      const podLogs = `/proc/${machine.initPid}/root/var/log/pods`;
      if (machine.initPid > 0 && existsSync(podLogs)) {
        cpSync(podLogs, join(directory, machine.name, 'pods'), { recursive: true });
      }
    }
    return Promise.resolve();
  }

  owned(): () => void {
    this.#owners++;
    return () => {
      if (--this.#owners === 0 && this.#plan.spec.ephemeral === true) {
        this.#log('the owner has gone: the cluster goes with it');
        this.down().catch((error: unknown) => this.#log(`down: ${messageOf(error)}`));
      }
    };
  }

  down(): Promise<void> {
    this.#downPromise ??= this.#takeDown();
    return this.#downPromise;
  }

  async #takeDown(): Promise<void> {
    this.#phase = 'stopping';
    this.#abort.abort(new FiredrillError('cluster.stopping', 'the cluster is being taken down'));
    this.#auditTail?.close();
    this.#hostListener?.close();
    this.#machineDoor?.close();
    this.#machineDoor?.closeAllConnections();
    this.#kube?.close();
    await Promise.all([
      this.#controlPlane?.stop(),
      ...[...this.#machines.values()].map((machine) => machine.retire()),
    ]);
    await removeClusterCgroups(this.#plan.spec.name);
    rmSync(this.#paths.directory, { recursive: true, force: true });
    this.#onEnd();
  }

  #machineBackend() {
    const stateOf = (machine: Machine): MachineState => {
      const off = this.#powerFacts.get(machine.name);
      const facts = {
        power: machine.power,
        offSinceMonoMs: off?.offSinceMonoMs,
        fenced: machine.fenced,
        draw: off?.draw ?? 0,
      };
      return {
        node: machine.name,
        state: reportedState(this.#plan.spec.machineProfile, facts, performance.now()),
        observedAtMs: Date.now(),
      };
    };
    return {
      states: () => [...this.#machines.values()].map(stateOf),
      has: (node: string) => this.#machines.has(node),
      powerOff: async (node: string): Promise<MachineState> => {
        const machine = this.#machine(node);
        await this.#cutPower(machine, true);
        return stateOf(machine);
      },
      replace: async (node: string): Promise<ReplaceResult> => ({
        node,
        replacement: await this.replace(node),
      }),
    };
  }

  async #cutPower(machine: Machine, fenced: boolean): Promise<void> {
    if (machine.power === 'on') {
      this.#powerFacts.set(machine.name, { offSinceMonoMs: performance.now(), draw: this.#random.next() });
    }
    await machine.powerOff({ fenced });
  }

  #machine(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine === undefined) {
      throw new FiredrillError('node.unknown', `no machine ${name} in cluster ${this.#plan.spec.name}`, {
        userError: true,
        hint: `the machines are ${[...this.#machines.keys()].join(', ')}`,
      });
    }
    return machine;
  }

  #wasRetired(node: string): boolean {
    return existsSync(join(this.#paths.directory, `retired-${node}`));
  }

  #mark(step: string): void {
    this.#timings[step] = Math.round(performance.now() - this.#startedMonoMs);
  }

  #report(step: string, state: ProvisionProgress['state'], detail: string, elapsedMs?: number): void {
    const line: ProvisionProgress = {
      step,
      state,
      detail,
      ...(elapsedMs === undefined ? {} : { elapsedMs }),
    };
    this.#progressSoFar.push(line);
    this.progress.publish(line);
  }

  #log(text: string): void {
    process.stderr.write(`${new Date(systemClock.now().wallMs).toISOString()} ${text}\n`);
  }
}
