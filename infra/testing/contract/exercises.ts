import assert from 'node:assert/strict';
import type { Capability } from '../../../harness/core/capability.ts';
import type { Cluster } from '../../cluster.ts';
import { pauseImage } from '../../images/pause.ts';
import type { KubeClient } from '../../kube/client.ts';
import { MACHINE_EFFECTS } from '../../machines/verbs.ts';
import { nodeReady } from '../../kube/readiness.ts';
import { waitDeleted, waitForObject } from '../../kube/wait.ts';

/** What an exercise works with. */
interface Exercise {
  readonly cluster: Cluster;
  readonly kube: KubeClient;
  /** A worker that nothing else needs. */
  readonly node: string;
  readonly signal: AbortSignal;
}

/** One way to see that a cluster can do what it says, and one to see that it refuses what it cannot. */
interface CapabilityExercise {
  shows(exercise: Exercise): Promise<void>;
  refuses(exercise: Exercise): Promise<void>;
}

const READY_WITHIN_MS = 90_000;
const IMAGE = { ...pauseImage(), name: 'firedrill.local/contract' };

/** The effect is seen, its undo too, and both may be asked for twice. */
function machineExercise(capability: Capability): CapabilityExercise {
  const effect = MACHINE_EFFECTS.find(({ needs }) => needs === capability);
  assert.ok(effect, `no verb needs ${capability}`);
  const { by: act, undo, isThere: seen } = effect;
  return {
    shows: async ({ cluster, kube, node, signal }) => {
      const { machines } = cluster;
      assert.equal(seen(await machines.inspect(node)), false, `${capability}: before`);
      await machines[act](node);
      await machines[act](node);
      assert.equal(seen(await machines.inspect(node)), true, `${capability}: ${act}`);
      await machines[undo](node);
      await machines[undo](node);
      assert.equal(seen(await machines.inspect(node)), false, `${capability}: ${undo}`);
      await untilReady(kube, node, signal);
    },
    refuses: async ({ cluster, node }) => {
      for (const verb of [act, undo]) await refused(cluster.machines[verb](node), `${capability}: ${verb}`);
    },
  };
}

export const EXERCISES: Readonly<Record<Capability, CapabilityExercise>> = {
  'node.power': machineExercise('node.power'),
  'node.freeze': machineExercise('node.freeze'),
  'node.cable': machineExercise('node.cable'),
  'node.replace': {
    shows: async ({ cluster, kube, node, signal }) => {
      const replacement = await cluster.machines.replace(node);
      assert.notEqual(replacement, node);
      assert.equal((await cluster.machines.inspect(node)).exists, false);
      await untilReady(kube, replacement, signal);
      // The old one's object is the healer's to remove; here nobody else does.
      await kube.delete({ apiVersion: 'v1', kind: 'Node', name: node }, { signal });
    },
    refuses: ({ cluster, node }) => refused(cluster.machines.replace(node), 'replace'),
  },
  'images.load': {
    shows: async ({ cluster, kube, signal }) => {
      const [known] = await cluster.loadImages([IMAGE]);
      const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'contract' } as const;
      await kube.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'default', name: 'contract' },
        spec: {
          containers: [{ name: 'main', image: known?.reference ?? '', imagePullPolicy: 'Never' }],
          terminationGracePeriodSeconds: 0,
        },
      });
      const runs = (object: { status?: { phase?: string } } | undefined): true | string =>
        object?.status?.phase === 'Running' || `it is ${object?.status?.phase ?? 'absent'}`;
      await waitForObject(kube, pod, runs, { timeoutMs: READY_WITHIN_MS, signal });
      await kube.delete(pod, { gracePeriodSeconds: 0, signal });
      await waitDeleted(kube, pod, { timeoutMs: READY_WITHIN_MS, signal });
    },
    refuses: ({ cluster }) => refused(cluster.loadImages([IMAGE]), 'loadImages'),
  },
  'audit.log': {
    shows: async ({ cluster, kube, signal }) => {
      const stop = new AbortController();
      const until = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(READY_WITHIN_MS)]);
      const name = `contract-${process.pid}`;
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name } as const;
      // The stream begins now: what was written before it has begun is in nobody's promise, so it is written until seen.
      const write = async (): Promise<void> => {
        while (!until.aborted) {
          await kube.create({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { namespace: 'default', name },
          });
          await kube.delete(ref);
          await kube.clock.sleep(100);
        }
      };
      const written = write().finally(() => stop.abort());
      let seen = false;
      for await (const { objectRef } of cluster.auditEvents(until)) {
        seen = (objectRef as { readonly name?: string } | undefined)?.name === name;
        if (seen) break;
      }
      stop.abort();
      await written;
      assert.ok(seen, 'a write of ours is in the audit log');
    },
    refuses: async ({ cluster, signal }) => {
      for await (const event of cluster.auditEvents(signal)) assert.fail(JSON.stringify(event));
    },
  },
  'storage.shared': {
    shows: async ({ kube, signal }) => {
      const name = `contract-${process.pid}`;
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name } as const;
      await kube.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { namespace: 'default', name },
        spec: {
          storageClassName: 'shared',
          accessModes: ['ReadWriteMany'],
          resources: { requests: { storage: '1Mi' } },
        },
      });
      const bound = (object: { status?: { phase?: string } } | undefined): true | string =>
        object?.status?.phase === 'Bound' || 'not bound';
      await waitForObject(kube, claim, bound, { timeoutMs: READY_WITHIN_MS, signal });
      await kube.delete(claim, { signal });
      await waitDeleted(kube, claim, { timeoutMs: READY_WITHIN_MS, signal });
    },
    // Nothing is asked of the cluster for it: a claim for it would wait for ever.
    refuses: () => Promise.resolve(),
  },
  'networkpolicy.enforced': {
    shows: () =>
      Promise.reject(new Error('no provider has said so yet: whoever does writes its exercise here')),
    refuses: () => Promise.resolve(),
  },
};

async function refused(work: Promise<unknown>, what: string): Promise<void> {
  await assert.rejects(work, ({ code, hint }: { code?: string; hint?: string }) => {
    assert.match(code ?? '', /^[a-z]+\.[a-z-]+$/, what);
    assert.ok((hint ?? '').length > 0, `${what}: the next step`);
    return true;
  });
}

async function untilReady(kube: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  await waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name } as const, nodeReady, {
    timeoutMs: READY_WITHIN_MS,
    signal,
  });
}
