import { seconds } from '../facts/wording.ts';
import { padTo, paint, screenWidth, type TerminalStyle } from './style.ts';
import { tame } from '../../harness/core/plain-text.ts';

/** What the first line says of a run. */
interface HeaderFacts {
  readonly provider: string;
  /** As Kubernetes names it, e.g. `v1.36.3`. */
  readonly kubernetesVersion: string;
  readonly nodes: readonly { readonly zone: string; readonly role: string }[];
  readonly machineProfile: string;
  readonly seed: number;
}

/** A step of the set-up that is done. */
interface StepFacts {
  readonly name: string;
  readonly detail: string;
  readonly durationMs: number;
}

/** A step under way, with what it does or waits for just now. */
interface ProgressFacts {
  readonly name: string;
  readonly activity: string;
  readonly elapsedMs: number;
}

const NAME_WIDTH = 12;
const DETAIL_WIDTH = 46;
const TIME_WIDTH = 9;

/** The first line of a run: where it runs and with which seed. */
export function formatHeader(facts: HeaderFacts, style: TerminalStyle): string {
  const workers = facts.nodes.filter((node) => node.role === 'worker');
  const zones = new Set(workers.map((node) => node.zone)).size;
  const version = /^v?(\d+\.\d+)/.exec(facts.kubernetesVersion)?.[1] ?? facts.kubernetesVersion;
  const parts = [
    // The version of an image that nobody has looked into yet is not known.
    version === '' ? tame(facts.provider) : `${tame(facts.provider)} Kubernetes ${tame(version)}`,
    `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'} in ${zones} ${zones === 1 ? 'zone' : 'zones'}`,
    `machine interface ${tame(facts.machineProfile)}`,
    `seed ${facts.seed}`,
  ];
  return [paint('firedrill', 'bold', style), ...parts].join(' · ');
}

/** A finished step: name, what came of it, how long it took. */
export function formatStep(step: StepFacts, style: TerminalStyle): string {
  return stepLine(step.name, tame(step.detail), seconds(step.durationMs), style);
}

/** One line below a step's name, without a time; an empty name goes on with the lines before. */
export function formatStepLine(name: string, text: string, style: TerminalStyle): string {
  return `  ${padTo(tame(name), NAME_WIDTH)}${paint(tame(text), 'dim', style)}`;
}

/** A step under way: in place one line for `replaceLine`, elsewhere one line without its time. */
export function formatProgress(step: ProgressFacts, style: TerminalStyle): string {
  const activity = tame(step.activity);
  if (!style.inPlace) return `  ${padTo(step.name, NAME_WIDTH)}${activity} ...`;
  const room = Math.max(10, style.columns - NAME_WIDTH - TIME_WIDTH - 3);
  const shown = padTo(paint(clip(activity, room), 'dim', style), room);
  return `  ${padTo(tame(step.name), NAME_WIDTH)}${shown}${paint(seconds(step.elapsedMs).padStart(TIME_WIDTH), 'dim', style)}`;
}

/** Draws `line` over the line under the cursor; an empty one clears it. */
export function replaceLine(line: string): string {
  return `\r\u001b[2K${line}`;
}

function stepLine(name: string, detail: string, time: string, style: TerminalStyle): string {
  const width = Math.min(DETAIL_WIDTH, Math.max(10, style.columns - NAME_WIDTH - TIME_WIDTH - 3));
  return `  ${padTo(tame(name), NAME_WIDTH)}${padTo(detail, width)}${paint(time.padStart(TIME_WIDTH), 'dim', style)}`;
}

function clip(text: string, width: number): string {
  if (screenWidth(text) <= width) return text;
  let clipped = '';
  for (const character of text) {
    if (screenWidth(clipped + character) > width - 1) break;
    clipped += character;
  }
  return `${clipped}…`;
}
