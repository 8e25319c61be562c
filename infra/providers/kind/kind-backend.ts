import type { Server } from 'node:https';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { given } from '../../../harness/core/given.ts';
import { applyAll } from '../../kube/apply.ts';
import { KubeClient } from '../../kube/client.ts';
import { nodeUsable } from '../../kube/readiness.ts';
import { waitForApiServer, waitForObject } from '../../kube/wait.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import { adminTarget } from '../../kube/admin-target.ts';
import { auditPolicy } from '../../supervisor/audit-policy.ts';
import { clusterConfig, provisionedPermission } from '../../supervisor/provisioned-objects.ts';
import type { ClusterBackend, StartReport, SupervisorServices } from '../../supervisor/supervised-cluster.ts';
import { INFRA_TAINT } from './cluster-config.ts';
import { collectNodeLogs } from './collect-logs.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { watchEngine } from './engine-events.ts';
import { KindCli } from './kind-cli.ts';
import { KindFleet } from './kind-fleet.ts';
import { auditPolicyFile, kindName, type KindPlan } from './kind-plan.ts';
import { gatewayOf, serveMachines } from './machine-service.ts';
import { followAudit } from './audit-log.ts';
import { FOREIGN_MARK, sweepKind } from './sweep.ts';

/** kind has limits of its own for all but the pull of its own image, where no other was named. */
const CREATED_WITHIN_MS = patient(40 * 60_000);
const API_WITHIN_MS = patient(60_000);
const NODES_WITHIN_MS = patient(120_000);
const FIELD_MANAGER = 'firedrill-supervisor';

/** What a kind cluster is made of: containers of an engine, and the machine interface that stands for their power switches. */
export class KindBackend implements ClusterBackend {
  readonly spec;
  readonly software;
  readonly cannot;
  readonly machines: KindFleet;
  readonly #plan: KindPlan;
  readonly #paths: ClusterPaths;
  readonly #services: SupervisorServices;
  readonly #engine: ContainerEngine;
  readonly #cli: KindCli;
  #kube: KubeClient | undefined;
  #machineDoor: Server | undefined;
  #facts = { uid: '', kubernetesVersion: '', apiServerUrl: '' };

  constructor(plan: KindPlan, paths: ClusterPaths, env: NodeJS.ProcessEnv, services: SupervisorServices) {
    const { log, signal } = services;
    this.spec = plan.spec;
    this.software = plan.software;
    this.cannot = given({ 'node.replace': plan.cannotReplace });
    const engine = new ContainerEngine(plan.engine.name, env);
    const imageDirectory = join(paths.directory, 'images');
    this.machines = new KindFleet({ plan, engine, imageDirectory, log, signal });
    this.#plan = plan;
    this.#paths = paths;
    this.#services = services;
    this.#engine = engine;
    this.#cli = new KindCli(plan.kindPath, engine);
  }

  facts(): { readonly uid: string; readonly kubernetesVersion: string; readonly apiServerUrl: string } {
    return this.#facts;
  }

  /** Nobody has said yet which control groups are its containers'. */
  footprint(): undefined {
    return undefined;
  }

  async bringUp({ mark, report }: StartReport): Promise<void> {
    const { signal } = this.#services;
    const { engine } = this.#plan;
    const nodes = this.machines.nodes().map(({ name }) => name);
    report('begin', `${nodes.length} containers of ${engine.name} ${engine.version}`);
    await this.#create((step) => report('progress', step));
    mark('kind');
    await this.machines.look();
    await this.machines.readKubeadm();
    await this.machines.favourInfra();
    watchEngine(this.#engine, kindName(this.spec.name), () => void this.machines.look(), signal);

    followAudit(this.#engine, this.machines.controlPlane, this.#services.onAudit, signal);

    const kube = new KubeClient(adminTarget(this.#paths.kubeconfig));
    this.#kube = kube;
    await waitForApiServer(kube, { timeoutMs: API_WITHIN_MS, signal });
    report('progress', 'API server answers, images are loaded', mark('apiServer'));
    await Promise.all([this.#applyObjects(kube), this.#loadImages()]);
    mark('images');
    await Promise.all(
      nodes.map((name) =>
        waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name } as const, nodeUsable, {
          timeoutMs: NODES_WITHIN_MS,
          signal,
        }),
      ),
    );
    mark('nodes');
  }

  async collectLogs(directory: string): Promise<void> {
    cpSync(this.#paths.logs, join(directory, 'supervisor'), { recursive: true });
    await collectNodeLogs(this.#engine, this.machines.nodes(), directory);
  }

  stop(): Promise<void> {
    this.#machineDoor?.close();
    this.#machineDoor?.closeAllConnections();
    this.#kube?.close();
    return Promise.resolve();
  }

  async sweep(): Promise<void> {
    await sweepKind(this.#paths.directory, this.#engine.env);
  }

  async #create(onStep: (step: string) => void): Promise<void> {
    const { configuration } = this.#plan;
    const { kubeconfig, directory } = this.#paths;
    writeFileSync(auditPolicyFile(this.#paths), auditPolicy(), { mode: 0o644 });
    try {
      const name = kindName(this.spec.name);
      const limit = AbortSignal.timeout(CREATED_WITHIN_MS);
      const signal = AbortSignal.any([this.#services.signal, limit]);
      await this.#cli.create({ name, configuration, kubeconfig, onStep }, signal);
    } catch (error) {
      if (error instanceof FiredrillError && error.code === 'cluster.name-in-use') {
        // Whoever takes this away must not take their cluster with it.
        writeFileSync(join(directory, FOREIGN_MARK), '');
      }
      throw error;
    }
  }

  async #applyObjects(kube: KubeClient): Promise<void> {
    const { signal } = this.#services;
    const objects = [clusterConfig(this.spec), provisionedPermission(), ...(await this.#openMachineDoor())];
    await applyAll(kube, objects, { fieldManager: FIELD_MANAGER, signal });
    const infra = this.machines.nodes().filter(({ role }) => role === 'infra');
    for (const { name } of infra) {
      // The list of taints is merged by key: those of Kubernetes' own stay.
      const ref = { apiVersion: 'v1', kind: 'Node', name } as const;
      await kube.patch(ref, 'strategic', { spec: { taints: [INFRA_TAINT] } }, { signal });
    }
    const system = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const);
    const version = await kube.request<{ gitVersion: string }>({ method: 'GET', path: '/version' });
    this.#facts = {
      uid: system.metadata?.uid ?? '',
      kubernetesVersion: version.gitVersion,
      apiServerUrl: kube.target.server,
    };
  }

  async #openMachineDoor(): Promise<Awaited<ReturnType<typeof serveMachines>>['objects']> {
    const { machineProfile: profile, name } = this.spec;
    if (profile === 'none') return [];
    const { server, objects } = await serveMachines({
      cluster: name,
      gateway: await gatewayOf(this.#engine, this.machines.controlPlane),
      profile,
      clusterUid: () => this.#facts.uid,
      backend: this.machines.doorBackend,
      onCall: this.#services.onMachineCall,
    });
    this.#machineDoor = server;
    return objects;
  }

  async #loadImages(): Promise<void> {
    const { images, infraImages } = this.#plan;
    const infra = this.machines.nodes().filter(({ role }) => role === 'infra');
    await this.machines.loadImages({ images: infraImages, nodes: infra.map(({ name }) => name) });
    await this.machines.loadImages({ images });
  }
}
