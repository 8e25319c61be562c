import type { Entry, EntryOf, HealerEvent } from '../../harness/core/journal.ts';
import { entriesOf } from '../../harness/core/journal.ts';
import { atForeign, atMono } from '../facts/frame.ts';
import type { Frame } from '../facts/frame.ts';
import type { HealerPoint, Tone } from './model.ts';

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

/** What the healer did, by its own audit, and the calls that reached the machine interface. */
export function readHealer(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  const own = entriesOf(entries, 'healer').map((event) => healerPoint(event, frame));
  const calls = entriesOf(entries, 'machine')
    .filter((call) => call.call !== 'states')
    .map((call): HealerPoint => {
      const label = `${call.call === 'powerOff' ? 'power off' : 'replace'} ${call.node}: ${call.result}`;
      return {
        atMs: atMono(frame, call.monoMs),
        label,
        meaning: `machine interface, ${call.caller}: ${label}`,
        tone: 'healer',
      };
    });
  return [...own, ...calls].toSorted((left, right) => left.atMs - right.atMs);
}

function healerPoint(event: EntryOf<'healer'>, frame: Frame): HealerPoint {
  return {
    atMs: atForeign(frame, { wallMs: event.healerWallMs, monoMs: event.healerMonoMs }),
    label: event.detail === '' ? `${event.event} ${event.subject}` : `${event.event}: ${event.detail}`,
    meaning: `${event.event} ${event.subject}: ${event.detail} (${event.pod})`,
    tone: TONES[event.event],
  };
}

/** What a reader of the picture has to know besides: notes, and whatever disturbed the measurement. */
export function readNotes(entries: readonly Entry[], frame: Frame): HealerPoint[] {
  return entries.flatMap((entry): HealerPoint[] => {
    const say = (label: string, tone: Tone): HealerPoint[] => [
      { atMs: atMono(frame, entry.monoMs), label, meaning: label, tone },
    ];
    switch (entry.kind) {
      case 'note':
        return say(entry.text, 'quiet');
      case 'assertion.failed':
        return say(`assertion failed: ${entry.message}`, 'bad');
      case 'harness.lag':
        return say(`harness late by ${Math.round(entry.lateMs)} ms`, 'doubt');
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
