import type { Reporter } from '../../incident/report.ts';
import { SILENT_REPORTER } from '../silent-reporter.ts';
import type { Violations } from './violations.ts';

/** One process's pages that it has not ended, by incident, each with its texts without their numbers. */
type OpenPages = Map<string, Set<string>>;

/** What people are told: each thing once, and once more when it ends. */
export class RefereeOfMessages {
  readonly #violations: Violations;
  readonly #told: { readonly severity: string; readonly text: string }[] = [];
  readonly #open = new Map<string, OpenPages>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** A process begins to lead, and tells its own story from the beginning. */
  newTerm(healer: string): void {
    this.#open.set(healer, new Map());
  }

  reporterOf(healer: string): Reporter {
    this.newTerm(healer);
    return { ...SILENT_REPORTER, notify: (...message) => this.#tell(healer, ...message) };
  }

  /** Whether anybody was told anything that names it, or had to be woken for it. */
  isTold(what: string, severity?: 'critical'): boolean {
    return this.#told.some(
      (each) => each.text.includes(what) && (severity ?? each.severity) === each.severity,
    );
  }

  /** Pages that are still open for a process that leads. */
  openPages(healer: string): readonly string[] {
    return [...(this.#open.get(healer)?.keys() ?? [])];
  }

  #tell(healer: string, incident: string, severity: 'warning' | 'critical' | 'resolved', text: string): void {
    this.#told.push({ severity, text });
    const open = this.#open.get(healer) ?? new Map<string, Set<string>>();
    if (severity === 'resolved') open.delete(incident);
    if (severity !== 'critical') return;
    const texts = open.get(incident) ?? new Set<string>();
    open.set(incident, texts);
    const same = text.replaceAll(/\d+/g, '#');
    if (texts.has(same)) this.#violations.add(`${healer} told people twice: ${text}`);
    texts.add(same);
  }
}
