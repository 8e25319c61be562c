import type { Audit } from '../runtime/audit-file.ts';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { Clock } from '../../harness/core/clock.ts';
import type { ActionReport } from './act.ts';
import type { Health } from './assess.ts';
import type { NodeFacts } from './facts.ts';
import type { NodePlan } from './plan-answer.ts';

/** Where the node path tells what it sees and does. */
export interface NodeReporter {
  /** A Kubernetes Event about the node. */
  event(node: NodeFacts, type: 'Normal' | 'Warning', reason: string, action: string, message: string): void;
  /** A message for people; `resolved` closes the incident. */
  notify(incident: string, severity: 'warning' | 'critical' | 'resolved', text: string): void;
  measure: {
    refusal(reason: string): void;
    decision(rule: string): void;
    action(action: string, ok: boolean): void;
    stage(stage: 'detect' | 'act' | 'recover', durationMs: number, wallMs: number): void;
  };
}

interface Incident {
  readonly suspectedAtMs: number;
  /** What it was last found to be; a node that wavers between that and suspicion is not found again. */
  detectedAs: Health | undefined;
  detectedAtMs: number | undefined;
  actedAtMs: number | undefined;
  /** The last refusal told, so that it is told once and not every second. */
  refusal: string;
  paged: boolean;
  decided: string;
}

const TURNS: readonly string[] = ['in-flight', 'in-flight-zone', 'cool-down'];
const CALM: readonly Health[] = ['unasked', 'healthy', 'starting'];

/** Turns plans and actions into audit lines, Events, messages and figures, each told once when it changes. */
export class NodeRecorder {
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #reporter: NodeReporter;
  readonly #observeOnly: boolean;
  readonly #incidents = new Map<string, Incident>();
  readonly #errors = new Map<string, string>();

  constructor(audit: Audit, clock: Clock, reporter: NodeReporter, observeOnly: boolean) {
    this.#audit = audit;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#observeOnly = observeOnly;
  }

  /** Nodes with an incident open. */
  get open(): number {
    return this.#incidents.size;
  }

  /** A new leader tells its own story from the beginning. */
  reset(): void {
    this.#incidents.clear();
  }

  planned(facts: NodeFacts, plan: NodePlan): void {
    this.#errors.delete(facts.name);
    const { health } = plan.assessment;
    const nowMs = this.#clock.now().monoMs;
    let incident = this.#incidents.get(facts.uid);
    if (CALM.includes(health) && facts.progress === undefined) {
      if (incident !== undefined && health === 'healthy')
        this.#close(facts, incident, 'answers again, nothing was done');
      return;
    }
    if (incident === undefined) {
      incident = {
        suspectedAtMs: nowMs,
        detectedAs: undefined,
        detectedAtMs: undefined,
        actedAtMs: undefined,
        refusal: '',
        paged: false,
        decided: '',
      };
      this.#incidents.set(facts.uid, incident);
      this.#write(facts, {
        event: 'suspected',
        detail: plan.assessment.because,
        observation: observationOf(facts),
      });
    }
    if (
      incident.detectedAs !== health &&
      (health === 'silent' || health === 'not-ready' || health === 'cut-off')
    ) {
      const detectMs = nowMs - incident.suspectedAtMs;
      if (incident.detectedAtMs === undefined)
        this.#reporter.measure.stage('detect', detectMs, this.#clock.now().wallMs);
      incident.detectedAtMs ??= nowMs;
      incident.detectedAs = health;
      this.#write(facts, {
        event: 'detected',
        detail: plan.assessment.because,
        rule: health,
        observation: observationOf(facts),
      });
    }
    if (plan.verdict === 'refused') this.#refused(facts, plan, incident);
  }

  /** Written to disk before the first destructive call. */
  decided(facts: NodeFacts, plan: NodePlan): void {
    const incident = this.#incidents.get(facts.uid);
    const key = `${plan.rule} ${plan.step.kind}`;
    if (incident?.decided === key) return;
    if (incident !== undefined) incident.decided = key;
    this.#reporter.measure.decision(plan.rule);
    this.#write(
      facts,
      {
        event: 'decided',
        detail: `${plan.step.kind}: ${plan.reason}`,
        rule: plan.rule,
        guards: plan.guards,
        observation: observationOf(facts),
      },
      plan.step.kind === 'begin' || plan.step.kind === 'fence',
    );
  }

  acted(facts: NodeFacts, plan: NodePlan, report: ActionReport): void {
    const { action, result, attempt } = report;
    const incident = this.#incidents.get(facts.uid);
    const { monoMs, wallMs } = this.#clock.now();
    if (incident !== undefined && incident.actedAtMs === undefined) {
      this.#reporter.measure.stage('act', monoMs - (incident.detectedAtMs ?? incident.suspectedAtMs), wallMs);
      incident.actedAtMs = monoMs;
    }
    if (incident !== undefined) incident.refusal = '';
    this.#reporter.measure.action(action, true);
    this.#write(facts, {
      event: this.#observeOnly ? 'decided' : 'acted',
      detail: `${this.#observeOnly ? 'would do: ' : ''}${action}: ${result}`,
      rule: plan.rule,
      attempt,
      action,
      result,
    });
    this.#reporter.event(
      facts,
      'Normal',
      `Node${action}`,
      action,
      `${this.#observeOnly ? 'Would do: ' : ''}${result} (${plan.reason})`,
    );
    if (plan.step.kind === 'begin') {
      this.#reporter.notify(
        attempt,
        'warning',
        `${facts.name}: ${plan.reason}; treatment ${attempt} has begun`,
      );
    }
    if (plan.step.kind === 'retire' && incident !== undefined) this.#close(facts, incident, result);
    if (plan.step.kind === 'cancel') {
      if (plan.step.outcome === 'recovered' && incident !== undefined) this.#close(facts, incident, result);
      else
        this.#reporter.notify(attempt, 'resolved', `${facts.name}: ${plan.reason}; the node was not healed`);
    }
  }

  failed(facts: NodeFacts, plan: NodePlan, error: string): void {
    this.#reporter.measure.action(plan.step.kind, false);
    const incident = this.#incidents.get(facts.uid);
    const key = `${plan.step.kind} failed: ${error}`;
    // Tried again and again: told once.
    if (incident?.refusal === key) return;
    if (incident !== undefined) incident.refusal = key;
    this.#write(facts, {
      event: 'refused',
      detail: key,
      rule: plan.rule,
      action: plan.step.kind,
      result: 'error',
    });
    this.#reporter.event(facts, 'Warning', 'RemediationFailed', plan.step.kind, error);
  }

  /** A look at the node ended in an error; told once for each error, since it is repeated until it ends. */
  broke(name: string, error: string): void {
    if (this.#errors.get(name) === error) return;
    this.#errors.set(name, error);
    this.#audit.record({
      event: 'refused',
      subject: `node/${name}`,
      detail: `no plan: ${error}`,
      rule: 'error',
    });
  }

  /** The node's object is gone, by whoever's hand. */
  gone(uid: string, name: string): void {
    const incident = this.#incidents.get(uid);
    // Our own deletion is told by whoever carries it out; the watch may be faster than the answer.
    if (incident === undefined || incident.decided.endsWith(' retire')) return;
    this.#incidents.delete(uid);
    this.#audit.record({ event: 'recovered', subject: `node/${name}`, detail: 'the node was deleted' });
  }

  #refused(facts: NodeFacts, plan: NodePlan, incident: Incident): void {
    const failing = plan.guards.filter((each) => !each.ok);
    const names = failing.length === 0 ? [plan.rule] : failing.map((each) => each.guard);
    const key = `${plan.rule} ${names.join(' ')}`;
    if (incident.refusal === key) return;
    incident.refusal = key;
    const why =
      failing.length === 0 ? plan.reason : failing.map((each) => `${each.guard}: ${each.detail}`).join('; ');
    for (const name of names) this.#reporter.measure.refusal(name);
    this.#write(facts, {
      event: 'refused',
      detail: why,
      rule: plan.rule,
      guards: plan.guards,
      observation: observationOf(facts),
    });
    this.#reporter.event(facts, 'Warning', 'RemediationRefused', 'Refuse', `${plan.reason}: ${why}`);
    // Waiting for one's turn is no reason to wake anybody.
    if (names.every((name) => TURNS.includes(name))) return;
    incident.paged = true;
    this.#reporter.notify(
      `refused-${facts.uid}`,
      'critical',
      `${facts.name}: ${plan.reason}; not treated: ${why}`,
    );
  }

  #close(facts: NodeFacts, incident: Incident, detail: string): void {
    this.#incidents.delete(facts.uid);
    const { monoMs, wallMs } = this.#clock.now();
    this.#write(facts, { event: 'recovered', detail });
    if (incident.actedAtMs !== undefined)
      this.#reporter.measure.stage('recover', monoMs - incident.suspectedAtMs, wallMs);
    const attempt = facts.progress?.attempt;
    if (attempt !== undefined) this.#reporter.notify(attempt, 'resolved', `${facts.name}: ${detail}`);
    if (incident.paged) this.#reporter.notify(`refused-${facts.uid}`, 'resolved', `${facts.name}: ${detail}`);
  }

  #write(facts: NodeFacts, record: Omit<AuditRecord, 'subject'>, durable = false): void {
    this.#audit.record(
      { subject: `node/${facts.name}`, ...(this.#observeOnly ? { wouldDo: true } : {}), ...record },
      { durable },
    );
  }
}

function observationOf(facts: NodeFacts): Readonly<Record<string, unknown>> {
  return {
    uid: facts.uid,
    ready: facts.ready,
    kubelet: facts.kubelet,
    machine: facts.machine,
    leaseAgeMs: facts.leaseAgeMs,
    standby: facts.standby,
    phase: facts.progress?.phase,
    live: facts.live,
  };
}
