import type { Clock } from '../../harness/core/clock.ts';
import { given } from '../../harness/core/given.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { MachineInterface } from '../../infra/machines/protocol.ts';
import { ConflictError } from '../cluster/call.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import type { ConfigMapObject, NodeObject } from '../cluster/objects.ts';
import type { NodeFacts, PodFacts } from './facts.ts';
import type { Remediations } from '../incident/remediations.ts';
import type { StepResult } from '../incident/report.ts';
import { waitAskedFor } from '../runtime/retry-after.ts';
import { readEntries, withEnded, withStarted, writeEntries, type LedgerEntry } from '../safety/ledger.ts';
import type { LedgerAges } from '../safety/ledger-ages.ts';
import type { MachinePoller } from './machine-poller.ts';
import { advancePatch, beginPatch, cancelPatch, forgetPatch, unprovePatch } from './patches.ts';
import type { NodeStep } from './plan-answer.ts';
import type { NodeRemediation } from './remediation.ts';

/** The live state that a step was decided on. */
interface ActionBasis {
  readonly node: NodeObject;
  readonly facts: NodeFacts;
  readonly ledger: ConfigMapObject | undefined;
}

interface NodeActorOptions {
  /** Both have the gate before them. */
  readonly api: ClusterApi;
  readonly machines: MachineInterface | undefined;
  readonly machinePoller: MachinePoller | undefined;
  readonly remediations: Remediations;
  readonly clock: Clock;
  /** A Node object as the server returned it, newer than any cache. */
  readonly onWritten: (node: NodeObject) => void;
  readonly onLedger: (ledger: ConfigMapObject) => void;
  readonly ledgerAges: LedgerAges;
}

type Outcome = Omit<StepResult, 'action' | 'attempt'>;
interface Deeds<T> {
  readonly done: readonly T[];
  readonly failed: readonly { readonly pod: string; readonly cause: unknown }[];
}
type Planned = Extract<NodeStep, { kind: 'begin' | 'cordon' }>['remediation'];

/** Carries out one step, exactly as decided. Throws `ConflictError` when the world moved on in between. */
export class NodeActor {
  readonly #options: NodeActorOptions;

  constructor(options: NodeActorOptions) {
    this.#options = options;
  }

  async carryOut(
    step: Exclude<NodeStep, { kind: 'rest' | 'look' }>,
    basis: ActionBasis,
    signal: AbortSignal,
  ): Promise<StepResult> {
    const attempt =
      step.kind === 'begin' || step.kind === 'cordon'
        ? step.remediation.attempt
        : (basis.facts.remediation?.attempt ?? '');
    switch (step.kind) {
      case 'begin':
        await this.#allow(step.remediation, basis, [], signal);
        return { action: 'Cordon', attempt, ...(await this.#cordon(step.remediation, basis, signal)) };
      case 'cordon':
        return { action: 'Cordon', attempt, ...(await this.#cordon(step.remediation, basis, signal)) };
      case 'advance': {
        const outcome = await this.#advance(step, basis, signal);
        return { action: step.taint ? 'Taint' : 'Advance', attempt, ...outcome };
      }
      case 'unprove':
        return { action: 'Unprove', attempt, ...(await this.#unprove(basis, signal)) };
      case 'fence':
        return { action: 'PowerOff', attempt, result: await this.#fence(step.attempt, basis, signal) };
      case 'drain':
        return { attempt, ...(await this.#drain(step.pods, basis, signal)) };
      case 'evacuate':
        return { attempt, ...(await this.#evacuate(step.pods, basis, signal)) };
      case 'replace':
        return { action: 'Replace', attempt, result: await this.#replace(step.attempt, basis, signal) };
      case 'retire':
        return { action: 'DeleteNode', attempt, result: await this.#retire(basis, signal) };
      case 'cancel':
        return { action: 'Cancel', attempt, result: await this.#cancel(step.outcome, basis, signal) };
      case 'forget':
        await this.#patch(basis.node, forgetPatch(basis.node), signal);
        return { action: 'Forget', attempt, result: 'record removed' };
    }
  }

  /**
   * Notes a treatment in the ledger, before anything else: a crash in between costs an entry, the other way round it would cost a budget.
   * Then lets the account touch what belongs to it. Both also where what was written is lost; answers whether the account may only now.
   */
  async #allow(
    { attempt, zoneLoss }: Pick<NodeRemediation, 'attempt' | 'zoneLoss'>,
    { facts, ledger }: ActionBasis,
    namespaces: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { name: node, uid, pool, zone } = facts;
    const startedAtMs = this.#options.clock.now().wallMs;
    const entries = readEntries(ledger);
    const entry = { ...{ attempt, node, uid, pool, zone, startedAtMs }, ...given({ zoneLoss }) };
    const noted = withStarted(entries, entry);
    if (noted !== entries) await this.#writeLedger(ledger, noted, signal);
    const { api } = this.#options;
    const before = (await api.readAllowed(signal)).find((each) => each.uid === uid);
    const all = [...new Set([...(before?.namespaces ?? []), ...namespaces])];
    if (before?.node === node && before.namespaces.length === all.length) return false;
    await api.allow({ node, uid, namespaces: all }, signal);
    return true;
  }

  async #writeLedger(
    before: ConfigMapObject | undefined,
    entries: readonly LedgerEntry[],
    signal: AbortSignal,
  ): Promise<void> {
    const { api, ledgerAges, onLedger } = this.#options;
    onLedger(await api.writeLedger(before, writeEntries(ledgerAges.of(entries)), signal));
  }

  async #cordon(planned: Planned, { node }: ActionBasis, signal: AbortSignal): Promise<Outcome> {
    const nowMs = this.#options.clock.now().wallMs;
    const remediation = { ...planned, startedAtMs: nowMs, phaseAtMs: nowMs };
    await this.#patch(node, beginPatch(node, remediation), signal);
    return { result: remediation.cordonOurs ? 'cordoned' : 'was cordoned already', phase: remediation.phase };
  }

  async #advance(
    step: Extract<NodeStep, { kind: 'advance' }>,
    { node, facts }: ActionBasis,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const nowMs = this.#options.clock.now().wallMs;
    const remediation = { ...recordOf(facts), phase: step.phase, phaseAtMs: nowMs };
    await this.#patch(node, advancePatch(node, remediation, step.taint, nowMs), signal);
    return { result: step.taint ? 'out-of-service taint' : '', phase: step.phase };
  }

  async #unprove({ node, facts }: ActionBasis, signal: AbortSignal): Promise<Outcome> {
    const before = recordOf(facts);
    const remediation: NodeRemediation = {
      ...before,
      phase: 'fencing',
      phaseAtMs: this.#options.clock.now().wallMs,
      voided: (before.voided ?? 0) + 1,
    };
    await this.#patch(node, unprovePatch(node, remediation), signal);
    return { result: 'the proof is taken back', phase: 'fencing' };
  }

  async #fence(attempt: string, { node, facts }: ActionBasis, signal: AbortSignal): Promise<string> {
    const { machines, machinePoller, remediations, clock } = this.#options;
    const memory = remediations.of(facts.uid);
    if (machines === undefined || machinePoller === undefined)
      throw new FiredrillError('healer.no-machine-interface', `${facts.name} cannot be fenced`);
    this.#requireOwnMachine(node);
    memory.fencing(attempt);
    const answer = await machines.powerOff(facts.name, attempt, signal);
    // An answer may be one that was given long ago: what is listed after it, and seen after it, is the proof.
    const askedAtMs = clock.now().monoMs;
    const listed = (await machinePoller.ask(signal)).get(facts.name);
    this.#requireOwnMachine(node);
    const word = listed === undefined ? 'does not list it' : `says ${listed.state}`;
    if (answer.state === 'off' && listed?.state === 'off' && listed.observedAtMs >= answer.observedAtMs) {
      memory.fenced(attempt, askedAtMs);
      return 'proof: off';
    }
    const old =
      listed !== undefined && listed.observedAtMs < answer.observedAtMs ? ' of before the call' : '';
    throw new FiredrillError(
      'healer.no-proof',
      `no proof: the machine interface answers ${answer.state}, and then ${word}${old}`,
    );
  }

  /** Evicts, once the account names the namespaces, which the admission policy reads a moment after it is written. */
  async #drain(
    pods: readonly PodFacts[],
    basis: ActionBasis,
    signal: AbortSignal,
  ): Promise<Omit<StepResult, 'attempt'>> {
    const { facts } = basis;
    const namespaces = [...pods, ...(facts.pods ?? [])].map(({ namespace }) => namespace);
    if (await this.#allow(recordOf(facts), basis, namespaces, signal))
      return { action: 'AllowDrain', result: 'namespaces named on the account' };
    return { action: 'Evict', result: await this.#evict(pods, facts, signal) };
  }

  async #evict(pods: readonly PodFacts[], facts: NodeFacts, signal: AbortSignal): Promise<string> {
    const memory = this.#options.remediations.of(facts.uid);
    const { done, failed } = await this.#oneByOne(pods, async (pod) => {
      try {
        const answer = await this.#options.api.evictPod(pod, signal);
        const refusal = answer.answer === 'refused' ? answer.message : undefined;
        memory.evicted(pod.uid, refusal);
        return `${pod.namespace}/${pod.name} ${answer.answer}${refusal === undefined ? '' : `: ${refusal}`}`;
      } catch (error) {
        // As where two budgets protect one pod: others can go meanwhile.
        memory.evicted(pod.uid, messageOf(error));
        throw error;
      }
    });
    if (failed[0] !== undefined) throw failed[0].cause;
    return done.join('; ');
  }

  async #evacuate(
    pods: readonly PodFacts[],
    basis: ActionBasis,
    signal: AbortSignal,
  ): Promise<Omit<StepResult, 'attempt'>> {
    const { facts } = basis;
    const record = recordOf(facts);
    if (await this.#allow(record, basis, [], signal))
      return { action: 'AllowDeletion', result: 'node named on the account' };
    const { failed } = await this.#oneByOne(pods, async (pod) => {
      await this.#options.api.deletePod(pod, 0, signal);
    });
    if (failed.length > 0) {
      const each = failed.map(({ pod, cause }) => `${pod}: ${messageOf(cause)}`).join('; ');
      const cause = failed.toSorted((one, other) => waitAskedFor(other.cause) - waitAskedFor(one.cause))[0]
        ?.cause;
      const message = `${failed.length} of ${pods.length} pods not deleted: ${each}`;
      throw new FiredrillError('healer.pods-left', message, { cause });
    }
    this.#options.remediations.of(facts.uid).moved(record.attempt, pods);
    const objects = pods.map(({ namespace, name }) => `${namespace}/${name}`);
    return { action: 'DeletePods', result: `${pods.length} pods deleted`, objects };
  }

  /** Never two calls at once: whoever pauses us waits for one at most. A pod that fails keeps no other from its turn. */
  async #oneByOne<T>(pods: readonly PodFacts[], deed: (pod: PodFacts) => Promise<T>): Promise<Deeds<T>> {
    const done: T[] = [];
    const failed: { readonly pod: string; readonly cause: unknown }[] = [];
    for (const pod of pods) {
      try {
        done.push(await deed(pod));
      } catch (cause) {
        failed.push({ pod: pod.name, cause });
      }
    }
    return { done, failed };
  }

  async #replace(attempt: string, { node, facts }: ActionBasis, signal: AbortSignal): Promise<string> {
    const { machines, clock } = this.#options;
    if (machines === undefined)
      throw new FiredrillError('healer.no-machine-interface', `${facts.name} cannot be replaced`);
    this.#requireOwnMachine(node);
    const { replacement } = await machines.replace(facts.name, attempt, signal);
    const nowMs = clock.now().wallMs;
    const remediation: NodeRemediation = {
      ...recordOf(facts),
      phase: 'replaced',
      phaseAtMs: nowMs,
      replacement,
    };
    await this.#patch(node, advancePatch(node, remediation, false, nowMs), signal);
    return `replacement ${replacement}`;
  }

  /** What is done to a machine, and what it says, is by its name: that must not be another's. */
  #requireOwnMachine({ metadata: { name }, status }: NodeObject): void {
    const mistaken = this.#options.machinePoller?.view(name, status?.nodeInfo?.systemUUID)?.mistaken;
    if (mistaken !== undefined) throw new FiredrillError('healer.other-machine', `${name}: ${mistaken}`);
  }

  async #retire({ node, facts, ledger }: ActionBasis, signal: AbortSignal): Promise<string> {
    const { replacement = '' } = recordOf(facts);
    await this.#options.api.deleteNode(facts.name, node.metadata.uid, signal);
    await this.#end(facts, 'recovered', ledger, signal);
    return `replaced by ${replacement}`;
  }

  async #cancel(
    outcome: Extract<NodeStep, { kind: 'cancel' }>['outcome'],
    { node, facts, ledger }: ActionBasis,
    signal: AbortSignal,
  ): Promise<string> {
    const remediation = recordOf(facts);
    const nowMs = this.#options.clock.now().wallMs;
    const kept: NodeRemediation | undefined =
      outcome === 'person'
        ? { ...remediation, phase: 'cancelled', cordonOurs: false, phaseAtMs: nowMs }
        : undefined;
    // Who took our cordon away and set one since has set their own.
    const cordonOurs = remediation.cordonOurs && outcome !== 'person';
    await this.#patch(node, cancelPatch(node, { ...remediation, cordonOurs }, kept), signal);
    await this.#end(facts, outcome === 'reimaged' ? 'recovered' : 'cancelled', ledger, signal);
    if (outcome === 'reimaged') return 'replaced in place, our cordon taken back';
    return outcome === 'person' ? 'cancelled by a person' : 'our cordon taken back';
  }

  /** Takes from the account what the attempt might touch, and notes its end in the ledger. What it ends is done already, so a conflict is no reason to plan again. */
  async #end(
    facts: NodeFacts,
    outcome: 'recovered' | 'cancelled',
    ledger: ConfigMapObject | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock } = this.#options;
    const { attempt } = recordOf(facts);
    await api.disallow(facts.uid, signal);
    const write = async (before: ConfigMapObject | undefined): Promise<void> => {
      const entries = withEnded(readEntries(before), attempt, clock.now().wallMs, outcome);
      await this.#writeLedger(before, entries, signal);
    };
    try {
      await write(ledger);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await write(await api.readLedger(signal));
    }
  }

  async #patch(
    node: NodeObject,
    patch: Parameters<ClusterApi['patchNode']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    this.#options.onWritten(await this.#options.api.patchNode(node.metadata.name, patch, signal));
  }
}

function recordOf(facts: NodeFacts): NodeRemediation {
  if (facts.remediation === undefined)
    throw new FiredrillError('healer.no-record', `${facts.name} is not under treatment`);
  return facts.remediation;
}
