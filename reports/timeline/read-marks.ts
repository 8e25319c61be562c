import type { Mark, MarkName, Verdict } from '../../harness/core/verdict.ts';
import { atMono } from '../facts/frame.ts';
import type { Frame } from '../facts/frame.ts';
import { chosenSeconds, offsetSeconds, plusMinus } from '../facts/wording.ts';
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
      errorMs: 0,
      tone: 'doubt',
      meaning: 'users must be served again by then',
    });
  }
  return marks.toSorted((left, right) => left.atMs - right.atMs);
}

function pictureMark(mark: Mark, frame: Frame): PictureMark {
  const atMs = atMono(frame, mark.monoMs);
  const isZero = atMs === 0;
  const error = mark.errorMs > 0 ? ` ${plusMinus(mark.errorMs)}` : '';
  return {
    name: mark.name,
    label: `${mark.name} ${isZero ? '0 s' : offsetSeconds(atMs)}`,
    atMs,
    errorMs: mark.errorMs,
    tone: TONES[mark.name],
    meaning: `${mark.name} ${offsetSeconds(atMs)}${error}: ${MEANINGS[mark.name]}; seen by ${mark.seenBy}${mark.detail === undefined ? '' : `: ${mark.detail}`}`,
  };
}
