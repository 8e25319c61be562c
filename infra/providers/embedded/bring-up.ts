import { patient } from '../../../harness/core/patience.ts';
import type { ClusterSpec } from '../../cluster.ts';
import { nodeUsable } from '../../kube/readiness.ts';
import { waitForApiServer, waitForObject } from '../../kube/wait.ts';
import type { Fleet, PlannedMachine } from './fleet.ts';
import type { HubServices } from './hub-services.ts';
import type { StartReport } from '../../supervisor/supervised-cluster.ts';
import { serveStorage } from './storage.ts';

const API_WITHIN_MS = patient(60_000);
const NODES_WITHIN_MS = patient(90_000);

interface BringUp {
  readonly spec: ClusterSpec;
  /** Builds the network that the machines hang off. */
  readonly buildHub: () => Promise<void>;
  readonly sharedDirectory: string;
  readonly hub: HubServices;
  readonly fleet: Fleet;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Brings a cluster up: what can run side by side does. */
export async function bringUp(parts: BringUp, { mark, report }: StartReport): Promise<void> {
  const { spec, buildHub, sharedDirectory, hub, fleet, log, signal } = parts;
  report('begin', 'network, keys');
  await buildHub();
  await Promise.all([hub.startEtcd(), hub.createKeys()]);
  mark('keys');
  const kube = hub.startApiServer();
  const api = { timeoutMs: API_WITHIN_MS, signal };
  // It serves a second before it says that it is ready, and a machine needs no more.
  const serves = waitForApiServer(kube, { ...api, path: '/api/v1/namespaces/kube-system' });
  const machines = plannedMachines(spec).map(async (node) => {
    const machine = await fleet.add(node);
    await fleet.boot(machine);
    // A kubelet that finds no API server backs off for seconds.
    await serves;
    machine.startKubernetes();
  });
  const booted = Promise.all(machines);
  // The API server is waited for first; a machine that fails meanwhile is heard of below.
  booted.catch(() => {});
  await serves;
  report('progress', 'API server answers', mark('apiServer'));
  hub.startScheduler();
  const ready = waitForApiServer(kube, api).then(() => hub.startControllerManager());
  ready.catch(() => {});
  await hub.openDoors(kube);
  await hub.applyObjects(kube);
  serveStorage({
    kube,
    sharedDirectory,
    nodeRoot: (node) => {
      const machine = fleet.find(node);
      return machine?.power === 'on' ? `/proc/${machine.initPid}/root` : undefined;
    },
    log,
    signal,
  });
  mark('objects');
  await ready;
  mark('ready');
  await booted;
  mark('images');
  await Promise.all(
    fleet.all.map((machine) =>
      waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name: machine.name }, nodeUsable, {
        timeoutMs: NODES_WITHIN_MS,
        signal,
      }),
    ),
  );
  mark('nodes');
  await hub.keepBootstrapObjects();
}

/** The machines that a cluster begins with. */
export function plannedMachines({
  workers,
  zones,
  infraNodes,
}: Pick<ClusterSpec, 'workers' | 'zones' | 'infraNodes'>): PlannedMachine[] {
  const planned = (name: string, role: PlannedMachine['role'], count: number): PlannedMachine[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${name}-${index + 1}`,
      zone: `zone-${(index % zones) + 1}`,
      role,
    }));
  return [...planned('node', 'worker', workers), ...planned('infra', 'infra', infraNodes)];
}
