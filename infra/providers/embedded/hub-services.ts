import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { applyAll } from '../../kube/apply.ts';
import { KubeClient } from '../../kube/client.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import type { SupervisorServices } from '../../supervisor/supervised-cluster.ts';
import { JsonTail } from './json-tail.ts';
import { forwardFromHost, type HostListener } from './host-listener.ts';
import { openMachineDoor, type MachineBackend } from '../../supervisor/machine-door.ts';
import { CALL_RATES, type CallRate } from '../../supervisor/power-cuts.ts';
import { clusterConfig, machineSecret, provisionedPermission } from '../../supervisor/provisioned-objects.ts';
import { dnsObjects, storageClasses } from './cluster-objects.ts';
import { keepBootstrapObjects, restoreBootstrapObjects } from './bootstrap-objects.ts';
import { ControlPlane } from './control-plane.ts';
import { createCredentials, type ClusterCredentials } from './credentials.ts';
import type { LaunchPlan } from './launch.ts';
import { NETWORK_PLAN } from './network-plan.ts';
import { kubeconfig } from './node-config.ts';
import type { CertificateAuthority } from '../../supervisor/pki.ts';

const FIELD_MANAGER = 'firedrill-supervisor';
const ETCD_WITHIN_MS = patient(60_000);
const toEtcd = (): Promise<Socket> => Promise.resolve(connect(NETWORK_PLAN.etcdPort, '127.0.0.1'));

interface HubServicesOptions extends SupervisorServices {
  readonly plan: LaunchPlan;
  readonly paths: ClusterPaths;
  readonly hostNamespaceFd: number;
  /** PATH of the control plane's programs. */
  readonly searchPath: string;
  readonly machines: () => MachineBackend;
}

/** What runs in a cluster's hub besides its machines: keys, control plane, and the doors for kubectl and healers. */
export class HubServices {
  readonly #options: HubServicesOptions;
  #credentials: ClusterCredentials | undefined;
  readonly #controlPlane: ControlPlane;
  #kube: KubeClient | undefined;
  #hostListener: HostListener | undefined;
  #machineDoor: Server | undefined;
  #auditTail: JsonTail | undefined;
  #uid = '';
  #kubernetesVersion = '';
  #apiServerUrl = '';

  constructor(options: HubServicesOptions) {
    this.#options = options;
    const { paths, plan, searchPath, log } = options;
    this.#controlPlane = new ControlPlane({ paths, tools: plan.tools, searchPath, onUnexpectedExit: log });
  }

  /** Empty until the API server has answered. */
  get facts(): { readonly uid: string; readonly kubernetesVersion: string; readonly apiServerUrl: string } {
    return { uid: this.#uid, kubernetesVersion: this.#kubernetesVersion, apiServerUrl: this.#apiServerUrl };
  }

  /** Pids of the control plane's programs. */
  get processes(): readonly number[] {
    return this.#controlPlane.processes;
  }

  /** Signs the nodes' certificates. */
  get authority(): CertificateAuthority {
    return this.#keys().authority;
  }

  async createKeys(): Promise<void> {
    this.#credentials = await createCredentials(this.#options.paths.pki, this.#options.plan.spec.name);
    this.#options.signal.throwIfAborted();
  }

  /** Starts etcd, and resolves when it answers. */
  async startEtcd(): Promise<void> {
    const { plan, signal } = this.#options;
    this.#controlPlane.startEtcd();
    const limits = { timeoutMs: ETCD_WITHIN_MS, signal };
    await restoreBootstrapObjects(toEtcd, plan.bootstrapObjects, limits);
  }

  /** Returns a client of the API server that nobody has answered yet. */
  startApiServer(): KubeClient {
    const credentials = this.#keys();
    this.#controlPlane.startApiServer(credentials);
    this.#kube = new KubeClient({
      server: `https://${NETWORK_PLAN.hubAddress}:${NETWORK_PLAN.apiServerPort}`,
      caPem: credentials.authority.certPem,
      certPem: credentials.admin.certPem,
      keyPem: credentials.admin.keyPem,
    });
    return this.#kube;
  }

  startScheduler(): void {
    this.#controlPlane.startScheduler(this.#keys());
  }

  /** Once the API server is ready. */
  startControllerManager(): void {
    this.#controlPlane.startControllerManager(this.#keys());
  }

  async keepBootstrapObjects(): Promise<void> {
    const { plan, signal } = this.#options;
    await keepBootstrapObjects(toEtcd, plan.bootstrapObjects, FIELD_MANAGER, signal);
  }

  async openDoors(kube: KubeClient): Promise<void> {
    const { plan, paths, onAudit } = this.#options;
    const credentials = this.#keys();
    this.#hostListener = await forwardFromHost(this.#options.hostNamespaceFd, plan.apiPort, {
      host: NETWORK_PLAN.hubAddress,
      port: NETWORK_PLAN.apiServerPort,
    });
    this.#apiServerUrl = `https://127.0.0.1:${this.#hostListener.port}`;
    writeFileSync(
      paths.kubeconfig,
      kubeconfig({
        name: `firedrill-${plan.spec.name}`,
        server: this.#apiServerUrl,
        caPem: credentials.authority.certPem,
        ...credentials.admin,
      }),
      { mode: 0o600 },
    );
    closeSync(openSync(paths.auditLog, 'a', 0o600));
    this.#auditTail = new JsonTail(paths.auditLog, onAudit);
    const { machineProfile } = plan.spec;
    if (machineProfile !== 'none') await this.#openMachineDoor(credentials, kube, CALL_RATES[machineProfile]);
  }

  async #openMachineDoor(credentials: ClusterCredentials, kube: KubeClient, rate: CallRate): Promise<void> {
    const { machines, onMachineCall, signal } = this.#options;
    const token = randomBytes(32).toString('hex');
    this.#machineDoor = await openMachineDoor({
      host: NETWORK_PLAN.hubAddress,
      port: NETWORK_PLAN.machinePort,
      ...credentials.machineServer,
      token,
      clusterUid: () => this.#uid,
      backend: machines(),
      rate,
      monoMs: () => performance.now(),
      wallMs: Date.now,
      onCall: onMachineCall,
    });
    const url = `https://${NETWORK_PLAN.hubAddress}:${NETWORK_PLAN.machinePort}`;
    await applyAll(kube, machineSecret({ url, caPem: credentials.machineAuthority.certPem, token }), {
      fieldManager: FIELD_MANAGER,
      signal,
    });
  }

  async applyObjects(kube: KubeClient): Promise<void> {
    const { plan, signal } = this.#options;
    const objects = [
      clusterConfig(plan.spec),
      provisionedPermission(),
      ...storageClasses(),
      ...dnsObjects(plan.dnsImage, plan.spec.workers),
    ];
    await applyAll(kube, objects, { fieldManager: FIELD_MANAGER, signal });
    const system = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
    this.#uid = system.metadata?.uid ?? '';
    const version = await kube.request<{ gitVersion: string }>({ method: 'GET', path: '/version' });
    this.#kubernetesVersion = version.gitVersion;
  }

  /** Closes the doors and stops the control plane; in whatever state the start is. */
  async stop(): Promise<void> {
    this.#auditTail?.close();
    this.#hostListener?.close();
    this.#machineDoor?.close();
    this.#machineDoor?.closeAllConnections();
    this.#kube?.close();
    await this.#controlPlane.stop();
  }

  #keys(): ClusterCredentials {
    if (this.#credentials === undefined)
      throw new FiredrillError('cluster.not-started', 'the keys do not exist yet');
    return this.#credentials;
  }
}
