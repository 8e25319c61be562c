import type { Mark, MarkName, Verdict } from '../../harness/core/verdict.ts';
import { atMono, type Frame } from '../facts/frame.ts';
import { chosenSeconds, offsetBracket, offsetSeconds } from '../facts/wording.ts';
import type { PictureMark, Tone } from './picture.ts';

const TONES: Readonly<Record<MarkName, Tone>> = {
  requested: 'quiet',
  effective: 'fault',
  detected: 'healer',
  decided: 'healer',
  acted: 'healer',
  restored: 'good',
  capacity: 'good',
  reverted: 'quiet',
};

const MEANINGS: Readonly<Record<MarkName, string>> = {
  requested: 'the injector was called',
  effective: 'the fault bites',
  detected: 'the healer first records the problem',
  decided: 'its guard has passed',
  acted: 'its first write',
  restored: 'users are served again, and stay so',
  capacity: 'all replicas are Ready again, and stay so',
  reverted: 'the fault is gone, checked',
};

/** The verdict's marks and, where the scenario claims one, the limit on recovery, in the order of time. */
export function readMarks(verdict: Verdict, frame: Frame, limitMs: number | undefined): PictureMark[] {
  const marks = verdict.marks.map((mark) => pictureMark(mark, frame));
  if (limitMs !== undefined && frame.zeroIs === 'fault effective') {
    const label = `SLO ${chosenSeconds(limitMs)}`;
    marks.push({
      name: 'limit',
      label,
      atMs: limitMs,
      fromMs: limitMs,
      toMs: limitMs,
      tone: 'doubt',
      meaning: 'users must be served again by then',
    });
  }
  return marks.toSorted((left, right) => left.atMs - right.atMs);
}

function pictureMark(mark: Mark, frame: Frame): PictureMark {
  const atMs = atMono(frame, mark.monoMs);
  const isPromised = mark.name === 'restored' || mark.name === 'capacity';
  return {
    name: mark.name,
    label: `${mark.name} ${atMs === 0 ? '0 s' : offsetSeconds(atMs)}`,
    ...(isPromised && { wholeLabel: `${mark.name} ${offsetBracket(mark, atMs)}` }),
    atMs,
    fromMs: atMs - mark.beforeMs,
    toMs: atMs + mark.afterMs,
    tone: TONES[mark.name],
    meaning: `${mark.name} ${offsetBracket(mark, atMs)}: ${MEANINGS[mark.name]}; seen by ${mark.seenBy}${mark.detail === undefined ? '' : `: ${mark.detail}`}`,
  };
}
