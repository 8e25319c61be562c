import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { FiredrillError } from '../core/errors.ts';
import { rowOf } from '../core/faults/catalogue.ts';
import type { Fault, Injection, ResolvedTarget } from '../core/faults/fault.ts';
import { stopConditionsOf } from '../core/owner/policy.ts';
import type { Rng } from '../core/seed.ts';
import { checkGuards, type Refusal } from '../faults/guards/guards.ts';
import type { Evidence, FaultContext, Injector, Witness } from '../faults/injector.ts';
import { stopRefusals } from '../faults/guards/policy-guards.ts';
import { injectorFor } from '../faults/registry.ts';
import { resolveTarget } from '../faults/targets/resolve.ts';
import type { ClusterSnapshot } from '../faults/targets/cluster-snapshot.ts';
import type { Cluster } from '../../infra/cluster.ts';
import type { Journal } from './journal-file.ts';
import type { ReadStopConditions } from './stop-watch.ts';
import type { UndoStack } from './undo-stack.ts';

/** What an injection needs of its trial. */
interface InjectParts {
  readonly journal: Journal;
  readonly undos: UndoStack;
  readonly cluster: Cluster;
  readonly context: FaultContext;
  readonly clock: Clock;
  readonly rng: Rng;
  /** The trial's deadline: what has no duration lasts until then, unless it is undone before. */
  readonly trialEndsMonoMs: number;
  readonly readSnapshot: () => Promise<ClusterSnapshot>;
  readonly readStopConditions: ReadStopConditions;
  /** Undoes the injection and journals that. */
  readonly revert: (injectionId: string) => Promise<void>;
}

/**
 * Injects one fault: resolve the target, journal it, keep the undo safe, apply, prove the effect.
 *
 * @throws FiredrillError `fault.malformed`, `fault.not-possible`, `guard.refused` before anything was touched;
 * `fault.ineffective` after the revert of a fault whose effect nobody saw.
 */
export async function injectFault(id: string, fault: Fault, parts: InjectParts): Promise<Injection> {
  const { journal, undos, context } = parts;
  const injector = injectorFor(fault);
  requireCapabilities(fault.kind, parts.cluster);
  journal.append({ kind: 'fault.requested', injectionId: id, fault });

  const snapshot = await parts.readSnapshot();
  const resolution = resolveTarget(fault.target, snapshot, parts.rng);
  const conditions = snapshot.policy === undefined ? [] : stopConditionsOf(snapshot.policy.policy);
  const refusals: readonly Refusal[] = [
    ...checkGuards(fault, resolution, snapshot, parts.trialEndsMonoMs - parts.clock.now().monoMs),
    ...stopRefusals(
      conditions.length === 0 ? [] : await parts.readStopConditions(conditions, context.signal),
    ),
  ];
  const [first] = refusals;
  if (first !== undefined)
    throw new FiredrillError(
      'guard.refused',
      refusals.map((one) => `${one.rule}: ${one.message}`).join('; '),
      {
        hint:
          first.rule === 'zero-targets'
            ? 'check the selector against the cluster'
            : `if it is meant: ${first.allow}`,
      },
    );
  const { targets, leaderHit, podsHit, podsTotal } = resolution;
  journal.append({ kind: 'fault.resolved', injectionId: id, targets, leaderHit, podsHit, podsTotal });

  await using witnesses = await openWitnesses(injector, targets, context);
  for (const target of targets) {
    const undo = injector.undo(target);
    journal.append({ kind: 'fault.intent', injectionId: id, undo }, { sync: true });
    await undos.push(id, undo);
  }
  context.signal.throwIfAborted();
  const evidence = await applyAndProve(id, injector, fault, targets, witnesses.all, parts);
  return {
    id,
    fault,
    targets,
    effectiveMonoMs: evidence.monoMs,
    effectiveWallMs: evidence.wallMs,
    revert: () => parts.revert(id),
  };
}

function requireCapabilities(kind: string, cluster: Cluster): void {
  for (const need of rowOf(kind).needs) {
    const answer = cluster.can(need);
    if (!answer.yes)
      throw new FiredrillError('fault.not-possible', `${kind} needs ${need}, and here: ${answer.reason}`, {
        hint: 'choose another provider, or another fault',
      });
  }
}

async function openWitnesses(
  injector: Injector,
  targets: readonly ResolvedTarget[],
  context: FaultContext,
): Promise<{ readonly all: readonly Witness[] } & AsyncDisposable> {
  const opened = await Promise.allSettled(targets.map((target) => injector.witness(target, context)));
  const all = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(all.map((witness) => witness[Symbol.asyncDispose]()));
  };
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return { all, [Symbol.asyncDispose]: dispose };
  await dispose();
  throw new FiredrillError(
    'fault.no-witness',
    'nobody can observe the target from outside, so nothing is injected',
    { cause: failed.reason },
  );
}

async function applyAndProve(
  id: string,
  injector: Injector,
  fault: Fault,
  targets: readonly ResolvedTarget[],
  witnesses: readonly Witness[],
  parts: InjectParts,
): Promise<Evidence> {
  const { journal, clock, context } = parts;
  const calledMonoMs = clock.now().monoMs;
  await Promise.all(targets.map((target) => injector.apply(target, fault, context)));
  const appliedMonoMs = clock.now().monoMs;
  journal.append({ kind: 'fault.applied', injectionId: id, ackMs: appliedMonoMs - calledMonoMs });

  const proofs = await withinMs(
    injector.evidenceWithinMs,
    Promise.all(witnesses.map((witness) => witness.proof)),
    clock,
    context.signal,
  );
  if (proofs === undefined) {
    const lastSeen = witnesses.map((witness) => witness.lastSeen()).join('; ');
    journal.append({
      kind: 'fault.ineffective',
      injectionId: id,
      waitedMs: clock.now().monoMs - appliedMonoMs,
      lastSeen,
    });
    await parts.revert(id);
    throw new FiredrillError(
      'fault.ineffective',
      `${injector.kind} was applied, but nobody saw its effect within ${formatDuration(injector.evidenceWithinMs)}: ${lastSeen}`,
    );
  }
  const evidence = earliest(proofs);
  journal.append({
    kind: 'fault.effective',
    injectionId: id,
    observer: evidence.observer,
    observation: proofs.map((proof) => proof.observation).join('; '),
    effectiveMonoMs: evidence.monoMs,
    effectiveWallMs: evidence.wallMs,
    errorMs: evidence.errorMs,
  });
  return evidence;
}

/** The first target that is hit starts the harm, and so the clock. */
function earliest(proofs: readonly Evidence[]): Evidence {
  const [first, ...rest] = proofs;
  if (first === undefined)
    throw new FiredrillError('fault.no-evidence', 'an injection without targets has no evidence');
  return rest.reduce((best, proof) => (proof.monoMs < best.monoMs ? proof : best), first);
}

/** The value, or undefined when it did not come in time. Rejects as soon as the signal aborts. */
async function withinMs<T>(
  limitMs: number,
  value: Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const stop = new AbortController();
  const expired = clock.sleep(limitMs, AbortSignal.any([stop.signal, signal])).then(() => undefined);
  // Once the value is there the sleep is aborted, and its rejection means nothing.
  expired.catch(() => undefined);
  try {
    return await Promise.race([value, expired]);
  } finally {
    stop.abort();
  }
}
