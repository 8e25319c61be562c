import type { Clock } from '../../harness/core/clock.ts';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { Audit } from '../runtime/audit-file.ts';
import type { EventBody } from '../runtime/event-queue.ts';
import type { Subject } from './remediation.ts';
import { LookErrors } from './look-errors.ts';
import type { PathReport, Reporter, StepResult } from './report.ts';
import { RemediationMemory, type ReportedState } from './remediation-memory.ts';

/** The remediations that this process knows of, by the subject's UID; each is told as audit lines, Events, messages and figures. */
export class Remediations {
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #observeOnly: boolean;
  readonly #byUid = new Map<string, RemediationMemory>();
  readonly errors: LookErrors;

  constructor(audit: Audit, clock: Clock, reporter: Reporter, observeOnly: boolean) {
    this.#audit = audit;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#observeOnly = observeOnly;
    this.errors = new LookErrors(audit, clock, reporter);
  }

  of(uid: string): RemediationMemory {
    const memory = this.#byUid.get(uid) ?? new RemediationMemory(this.#clock);
    this.#byUid.set(uid, memory);
    return memory;
  }

  find(uid: string): RemediationMemory | undefined {
    return this.#byUid.get(uid);
  }

  /** Forgets what was tried for a subject that is no more; its end is still to be told. */
  forget(uid: string): void {
    const memory = this.#byUid.get(uid);
    memory?.forgetTries();
    if (memory?.told === undefined) this.#byUid.delete(uid);
  }

  /** Subjects that something is wrong with. */
  get open(): number {
    return [...this.#byUid.values()].filter(({ told }) => told !== undefined).length;
  }

  /** A new leader tells its own story from the beginning. */
  reset(): void {
    for (const memory of this.#byUid.values()) memory.told = undefined;
  }

  /** Tells suspicion, detection, refusal and an end by itself. */
  planned(report: PathReport): void {
    const { subject, standing, health, because, observation } = report;
    this.errors.ended(subject.name, 'there is a plan again');
    const { monoMs, wallMs } = this.#clock.now();
    let told = this.find(subject.uid)?.told;
    if ((standing === 'healthy' || standing === 'calm') && report.attempt === undefined) {
      if (told !== undefined && standing === 'healthy')
        this.#close(report, told, 'answers again, nothing was done');
      return;
    }
    if (told === undefined) {
      told = {
        suspectedAtMs: monoMs,
        detectedAs: undefined,
        detectedAtMs: undefined,
        actedAtMs: undefined,
        refusal: '',
        blockedSinceMs: undefined,
        paged: false,
        pagedFor: new Set(),
        decided: '',
        retiring: false,
        lost: new Set(),
        attempt: report.incident ?? report.attempt,
      };
      this.of(subject.uid).told = told;
      this.#write(subject, { event: 'suspected', detail: because, observation });
    }
    if (standing === 'detected' && told.detectedAs !== health) {
      if (told.detectedAtMs === undefined)
        this.#reporter.measure.stage('detect', monoMs - told.suspectedAtMs, wallMs);
      told.detectedAtMs ??= monoMs;
      told.detectedAs = health;
      this.#write(subject, { event: 'detected', detail: because, rule: health, observation });
    }
    if (report.refusal !== undefined) {
      told.blockedSinceMs ??= monoMs;
      this.#refused(report, told);
    } else if (report.step === 'rest' && report.attempt === undefined) told.blockedSinceMs = undefined;
  }

  /** Written to disk before the first destructive call. */
  decided(report: PathReport): void {
    const { subject, rule, reason, guards, observation, step } = report;
    const told = this.find(subject.uid)?.told;
    if (told !== undefined) this.#warnOfLosses(report, told);
    const key = `${rule} ${step}`;
    if (told?.decided === key) return;
    this.#write(
      subject,
      { event: 'decided', detail: `${step}: ${reason}`, rule, guards, observation },
      report.durable,
    );
    this.#reporter.measure.decision(rule);
    if (told !== undefined) {
      told.decided = key;
      told.retiring = report.effect === 'retires';
    }
  }

  acted(report: PathReport, step: StepResult): void {
    const { subject, rule, reason, effect } = report;
    const { action, result, attempt } = step;
    const incident = report.incident ?? attempt;
    const told = this.find(subject.uid)?.told;
    const { monoMs, wallMs } = this.#clock.now();
    if (told !== undefined && told.actedAtMs === undefined) {
      this.#reporter.measure.stage('act', monoMs - (told.detectedAtMs ?? told.suspectedAtMs), wallMs);
      told.actedAtMs = monoMs;
    }
    if (told !== undefined) {
      told.refusal = '';
      told.blockedSinceMs = undefined;
    }
    this.#reporter.measure.action(action, true);
    const sentence = inWords(step);
    this.#write(subject, {
      event: this.#observeOnly ? 'decided' : 'acted',
      detail: `${this.#observeOnly ? 'would do: ' : ''}${action}: ${sentence}`,
      rule,
      ...step,
    });
    const message = `${this.#observeOnly ? 'Would do: ' : ''}${sentence} (${reason})`;
    this.#event(subject, 'Normal', `${subject.kind}${action}`, action, message);
    if (effect === 'begins') {
      if (told !== undefined) told.attempt = incident;
      const text = `${subject.name}: ${reason}; treatment ${attempt} has begun`;
      this.#reporter.notify(incident, 'warning', text);
    }
    if ((effect === 'retires' || effect === 'recovers') && told !== undefined) {
      this.#close(report, told, result);
    } else if (effect === 'recovers' || effect === 'withdraws') {
      const text = `${subject.name}: ${reason}; the ${subject.kind.toLowerCase()} was not healed`;
      this.#reporter.notify(incident, 'resolved', text);
    }
  }

  failed({ subject, step, rule }: PathReport, error: string): void {
    this.#reporter.measure.action(step, false);
    const memory = this.find(subject.uid);
    const told = memory?.told;
    if (told !== undefined) told.blockedSinceMs ??= this.#clock.now().monoMs;
    if (memory?.isStuck === true && told?.paged === false) {
      told.paged = true;
      this.#reporter.notify(`refused-${subject.uid}`, 'critical', `${subject.name}: ${step} fails: ${error}`);
    }
    if (told?.isGone === true) {
      this.#end(subject.uid);
      this.#resolve(subject.uid, told, `${subject.name}: it was deleted; ${step}: ${error}`);
    }
    const key = `${step} failed: ${error}`;
    // Tried again and again: told once.
    if (told?.refusal === key) return;
    if (told !== undefined) told.refusal = key;
    this.#write(subject, { event: 'refused', detail: key, rule, action: step, result: 'error' });
    this.#event(subject, 'Warning', 'RemediationFailed', step, error);
  }

  /** The subject's object is gone, by whoever's hand. */
  gone({ kind, name, uid }: Omit<Subject, 'apiVersion'>): void {
    this.errors.ended(name, `the ${kind.toLowerCase()} was deleted`);
    const told = this.find(uid)?.told;
    if (told === undefined) return;
    // Our own deletion is told by whoever carries it out; the watch may be faster than the answer, which may not come.
    if (told.retiring) {
      told.isGone = true;
      return;
    }
    this.#end(uid);
    this.#resolve(uid, told, `${name}: the ${kind.toLowerCase()} was deleted`);
    const what = kind.toLowerCase();
    this.#audit.record({
      event: 'recovered',
      subject: `${what}/${name}`,
      detail: `the ${what} was deleted`,
    });
  }

  #refused(report: PathReport, told: ReportedState): void {
    const { subject, rule, reason, guards, observation } = report;
    const failing = guards.filter((each) => !each.ok);
    const names = failing.length === 0 ? [rule] : failing.map((each) => each.guard);
    const key = `${rule} ${names.join(' ')}`;
    const why =
      failing.length === 0 ? reason : failing.map((each) => `${each.guard}: ${each.detail}`).join('; ');
    const incident = `refused-${subject.uid}`;
    const text = `${subject.name}: ${reason}; not treated: ${why}`;
    if (report.refusal?.waits === true && this.of(subject.uid).isStuck && !told.paged) {
      told.paged = true;
      this.#reporter.notify(incident, 'warning', text);
    }
    if (told.refusal === key) return;
    told.refusal = key;
    for (const name of names) this.#reporter.measure.refusal(name);
    this.#write(subject, { event: 'refused', detail: why, rule, guards, observation });
    this.#event(subject, 'Warning', 'RemediationRefused', 'Refuse', `${reason}: ${why}`);
    // Reasons come and go by turns.
    const untold = report.refusal?.reasons.filter((each) => !told.pagedFor.has(each)) ?? [];
    if (untold.length === 0) return;
    for (const each of untold) told.pagedFor.add(each);
    told.paged = true;
    this.#reporter.notify(incident, 'critical', text);
  }

  #warnOfLosses({ subject, attempt, incident, step, lost }: PathReport, told: ReportedState): void {
    const untold = lost.filter((name) => !told.lost.has(name));
    if (untold.length === 0) return;
    for (const name of untold) told.lost.add(name);
    const text = `${untold.join(', ')}: nobody makes ${untold.length === 1 ? 'it' : 'them'} again when it goes`;
    this.#event(subject, 'Warning', 'PodsLost', step, text);
    this.#reporter.notify(incident ?? attempt ?? subject.uid, 'warning', `${subject.name}: ${text}`);
  }

  #close({ subject, attempt, incident = attempt }: PathReport, told: ReportedState, detail: string): void {
    this.#end(subject.uid);
    const { monoMs, wallMs } = this.#clock.now();
    this.#write(subject, { event: 'recovered', detail });
    if (told.actedAtMs !== undefined)
      this.#reporter.measure.stage('recover', monoMs - told.suspectedAtMs, wallMs);
    const text = `${subject.name}: ${detail}`;
    this.#resolve(subject.uid, { ...told, attempt: incident ?? told.attempt }, text);
  }

  /** Ends whatever people were told of it. */
  #resolve(uid: string, { attempt, paged }: Pick<ReportedState, 'attempt' | 'paged'>, text: string): void {
    if (attempt !== undefined) this.#reporter.notify(attempt, 'resolved', text);
    if (paged) this.#reporter.notify(`refused-${uid}`, 'resolved', text);
  }

  #end(uid: string): void {
    const memory = this.of(uid);
    memory.told = undefined;
    if (!memory.tried) this.#byUid.delete(uid);
  }

  #event(regarding: Subject, type: EventBody['type'], reason: string, action: string, note: string): void {
    this.#reporter.event({ regarding, type, reason, action, note });
  }

  #write({ kind, name }: Subject, record: Omit<AuditRecord, 'subject'>, durable = false): void {
    const subject = `${kind.toLowerCase()}/${name}`;
    const wouldDo = this.#observeOnly ? { wouldDo: true } : {};
    this.#audit.record({ subject, ...wouldDo, ...record }, { durable });
  }
}

/** A step as one sentence: `2 pods deleted: shop/web-1, shop/web-2`, `cordoned, phase fencing`. */
function inWords({ result, objects, phase }: StepResult): string {
  const done = objects === undefined ? result : `${result}: ${objects.join(', ')}`;
  return [done, phase === undefined ? '' : `phase ${phase}`].filter((part) => part !== '').join(', ');
}
