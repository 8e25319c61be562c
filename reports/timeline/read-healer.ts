import { entriesOf, type Entry, type HealerEvent } from '../../harness/core/journal/journal.ts';
import { atForeign, atMono, type Frame } from '../facts/frame.ts';
import { healingSteps, type HealingStep } from '../facts/healing.ts';
import type { HealerPoint, Tone } from './picture.ts';

const TONES: Readonly<Record<HealerEvent['event'], Tone>> = {
  suspected: 'doubt',
  detected: 'healer',
  decided: 'healer',
  acted: 'healer',
  refused: 'bad',
  recovered: 'good',
  leader: 'quiet',
  suspended: 'bad',
  resumed: 'quiet',
};

const LABELS = {
  states: 'states of',
  powerOff: 'power off',
  powerOn: 'power on',
  replace: 'replace',
} as const;

/** What the healer did, by its own audit; of a healer that keeps none, its calls at the machine interface. */
export function readHealer(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  const own = healingSteps(entries).map((step) => healerPoint(step, frame));
  if (own.some((point) => point.label.startsWith('acted'))) return own;
  const calls = entriesOf(entries, 'machine')
    .filter((call) => call.call !== 'states')
    .map((call): HealerPoint => {
      const label = `${LABELS[call.call]} ${call.node}: ${call.result}`;
      const meaning = `machine interface, ${call.caller}: ${label}`;
      return { atMs: atMono(frame, call.monoMs), label, meaning, tone: 'healer' };
    });
  return [...own, ...calls].toSorted((left, right) => left.atMs - right.atMs);
}

function healerPoint({ event, words, because }: HealingStep, frame: Frame): HealerPoint {
  const reason = because === undefined ? '' : `; because: ${because}`;
  return {
    atMs: atForeign(frame, { wallMs: event.healerWallMs, monoMs: event.healerMonoMs }),
    label: words === '' ? `${event.event} ${event.subject}` : `${event.event}: ${words}`,
    meaning: `${event.event} ${event.subject}: ${event.detail}${reason} (${event.pod})`,
    tone: TONES[event.event],
  };
}

/** What a reader of the picture has to know besides: notes, and whatever disturbed the measurement. */
export function readNotes(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  return [...worstLag(entries, frame), ...otherNotes(entries, frame)].toSorted(
    (left, right) => left.atMs - right.atMs,
  );
}

/** A harness that is short of CPU is late again and again: its worst moment tells for all. */
function worstLag(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  const lags = entriesOf(entries, 'harness.lag');
  const worst = lags.toSorted((left, right) => right.lateMs - left.lateMs)[0];
  if (!worst) return [];
  const times = lags.length > 1 ? `, the worst of ${lags.length} times` : '';
  const label = `harness late by ${Math.round(worst.lateMs)} ms${times}`;
  return [{ atMs: atMono(frame, worst.monoMs), label, meaning: label, tone: 'doubt' }];
}

function otherNotes(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  return entries.flatMap((entry): HealerPoint[] => {
    const say = (label: string, tone: Tone): HealerPoint[] => [
      { atMs: atMono(frame, entry.monoMs), label, meaning: label, tone },
    ];
    switch (entry.kind) {
      case 'note':
        return say(entry.text, 'quiet');
      case 'assertion.failed':
        return say(`assertion failed: ${entry.message}`, 'bad');
      case 'clock.step':
        return say(`wall clock stepped by ${Math.round(entry.steppedMs)} ms`, 'doubt');
      case 'gate':
        return entry.ok ? [] : say(`gate closed: ${entry.reasons.join('; ')}`, 'doubt');
      case 'observer':
        return entry.state === 'gap'
          ? say(`${entry.observer} did not look: ${entry.reason ?? 'no reason given'}`, 'doubt')
          : [];
      case 'residue':
        return entry.ok ? [] : say(`left behind: ${entry.items.join(', ')}`, 'bad');
      case 'trial.ended':
        return entry.how === 'finished' || entry.how === 'failed'
          ? []
          : say(`trial ended: ${entry.how}${entry.error === undefined ? '' : `, ${entry.error}`}`, 'doubt');
      default:
        return [];
    }
  });
}
