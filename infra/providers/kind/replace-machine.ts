import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { INFRA_TAINT } from './cluster-config.ts';
import { cloneArguments } from './clone-container.ts';
import { joinConfiguration, KUBEADM_FILE } from './join-configuration.ts';
import { KindMachine, type MachineTools } from './kind-machine.ts';
import { kindName } from './kind-plan.ts';
import { inspectContainers } from './containers.ts';

const BOOTED_WITHIN_MS = patient(60_000);
const JOINED_WITHIN_MS = patient(120_000);
const LOOK_EVERY_MS = 200;
const TOKEN_LIVES = '15m';
/** In the control plane's container. */
const ADMIN = ['env', 'KUBECONFIG=/etc/kubernetes/admin.conf'];

/** What making and joining machines needs of its cluster. */
export interface ReplacementTools extends MachineTools {
  readonly cluster: string;
  readonly controlPlane: string;
  readonly signal: AbortSignal;
}

/**
 * Makes a machine like `old`, with the image and the labels of kind's own containers; it boots and is not a node yet.
 * The old one is gone for good when this resolves, and untouched when it rejects.
 */
export async function exchangeMachine(
  old: KindMachine,
  name: string,
  tools: ReplacementTools,
): Promise<KindMachine> {
  const { engine } = tools;
  const inspected = (await inspectContainers(engine, [old.name])).get(old.name);
  if (inspected === undefined)
    throw new FiredrillError(
      'machine.vanished',
      `the container ${old.name} is gone: there is nothing to copy`,
    );
  const machine = new KindMachine({ name, zone: old.zone, role: old.role }, tools);
  // Podman's own volumes would forbid devices and programs with rights of their owner, which a node's disk has.
  const volume = engine.name === 'podman' ? { volume: (await engine.call(['volume', 'create'])).trim() } : {};
  try {
    await engine.call(cloneArguments(engine.name, inspected, { name, network: old.network, ...volume }));
    await machine.look();
    machine.kubeadm = await configurationOf(machine, old.kubeadm, tools);
    await engine.remove(old.name);
  } catch (error) {
    await engine.remove(name);
    throw error;
  }
  return machine;
}

/** Waits until the machine's container runtime answers: from then on it takes images. */
export async function untilBooted(
  { name }: KindMachine,
  { engine, signal }: ReplacementTools,
): Promise<void> {
  const deadlineMs = performance.now() + BOOTED_WITHIN_MS;
  for (;;) {
    try {
      await engine.exec(name, ['ctr', 'version'], { signal });
      return;
    } catch (error) {
      if (performance.now() > deadlineMs) {
        throw new FiredrillError('machine.boot-failed', `${name} did not boot: ${messageOf(error)}`, {
          cause: error,
        });
      }
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Makes the machine a node; safe to repeat after a failure. */
export async function joinCluster(machine: KindMachine, tools: ReplacementTools): Promise<void> {
  const { engine, signal } = tools;
  const { name } = machine;
  if (await hasJoined(machine, tools)) return;
  await engine.exec(name, ['cp', '/dev/stdin', KUBEADM_FILE], { input: machine.kubeadm, signal });
  try {
    await engine.exec(name, ['kubeadm', 'join', '--config', KUBEADM_FILE, '--skip-phases=preflight'], {
      withinMs: JOINED_WITHIN_MS,
      signal,
    });
  } catch (error) {
    // What half a join has written would make the next one stumble.
    await engine.exec(name, ['kubeadm', 'reset', '--force'], { withinMs: JOINED_WITHIN_MS, signal });
    throw error;
  }
}

/** Makes a node a machine again that has never joined; its object in the cluster goes, too. */
export async function leaveCluster(machine: KindMachine, tools: ReplacementTools): Promise<void> {
  const { engine, controlPlane, signal } = tools;
  const { name } = machine;
  await engine.exec(name, ['kubeadm', 'reset', '--force'], { withinMs: JOINED_WITHIN_MS, signal });
  await engine.exec(controlPlane, [...ADMIN, 'kubectl', 'delete', 'node', name, '--ignore-not-found'], {
    signal,
  });
  machine.kubeadm = await configurationOf(machine, machine.kubeadm, tools);
}

async function configurationOf(
  machine: KindMachine,
  before: string,
  tools: ReplacementTools,
): Promise<string> {
  const { engine, cluster } = tools;
  return joinConfiguration(before, {
    address: machine.address,
    providerId: `kind://${engine.name}/${kindName(cluster)}/${machine.name}`,
    token: await freshToken(tools),
    taints: machine.role === 'infra' ? [INFRA_TAINT] : [],
  });
}

async function hasJoined({ name }: KindMachine, { engine, signal }: ReplacementTools): Promise<boolean> {
  const found = await engine.exec(
    name,
    ['sh', '-c', 'test -e /etc/kubernetes/kubelet.conf && echo yes || echo no'],
    {
      signal,
    },
  );
  return found.trim() === 'yes';
}

async function freshToken({ engine, controlPlane, signal }: ReplacementTools): Promise<string> {
  const create = ['kubeadm', 'token', 'create', '--ttl', TOKEN_LIVES];
  const out = await engine.exec(controlPlane, [...ADMIN, ...create], { signal });
  const token = /^[a-z0-9]{6}\.[a-z0-9]{16}$/m.exec(out)?.[0];
  if (token !== undefined) return token;
  throw new FiredrillError('kind.no-token', `kubeadm token create said ${JSON.stringify(out.slice(0, 200))}`);
}
