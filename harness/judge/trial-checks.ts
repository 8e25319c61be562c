import { entriesOf } from '../core/journal/journal.ts';
import { formatDuration } from '../core/duration.ts';
import { describeStop } from '../core/owner/stop-condition.ts';
import { held, inconclusive, type Check } from './check.ts';

/** The journal ends, and the scenario came to its own end. */
export const checkEnding: Check = {
  name: 'ending',
  run: ({ started, ended }) => {
    if (started === undefined || ended === undefined)
      return [inconclusive('ending', 'the journal was never closed: the harness died')];
    switch (ended.how) {
      case 'finished':
      case 'failed':
        return [];
      case 'error':
        return [inconclusive('ending', `the scenario stopped with an error: ${ended.error ?? 'no message'}`)];
      case 'deadline':
        return [
          inconclusive(
            'ending',
            `the trial did not end within its deadline of ${formatDuration(started.deadlineMs)}`,
          ),
        ];
      case 'interrupted':
        return [
          inconclusive(
            'ending',
            `the trial was interrupted${ended.error === undefined ? '' : `: ${ended.error}`}`,
          ),
        ];
    }
  },
};

/** A trial that had to end for the sake of others has shown nothing of what it asked. */
export const checkStopped: Check = {
  name: 'stop-condition',
  run: ({ entries }) =>
    entriesOf(entries, 'trial.stopped').map((stopped) =>
      inconclusive('stop-condition', `the trial was ended: ${describeStop(stopped)}`),
    ),
};

/** Nothing is judged that began unsteady. */
export const checkGate: Check = {
  name: 'gate',
  run: ({ entries, injections }) => {
    const gates = entriesOf(entries, 'gate');
    const shut = gates.find((gate) => !gate.ok);
    if (shut !== undefined) {
      return [
        inconclusive('gate', `the start was not steady: ${shut.reasons.join('; ') || 'no reason given'}`),
      ];
    }
    const [firstFault] = injections;
    if (firstFault === undefined) return [];
    const before = gates.some((gate) => gate.monoMs <= firstFault.requestedMonoMs);
    return before
      ? [held('gate', 'steady before the fault')]
      : [inconclusive('gate', 'nobody looked whether the start was steady')];
  },
};

/** A plain assertion of the scenario that failed. */
export const checkAssertions: Check = {
  name: 'assertion',
  run: ({ entries }) =>
    entriesOf(entries, 'assertion.failed').map(({ message }) => ({
      check: 'assertion',
      outcome: 'violated',
      reason: message,
    })),
};

/** Nothing of ours is left. */
export const checkResidue: Check = {
  name: 'residue',
  run: ({ entries, injections }) => {
    const searches = entriesOf(entries, 'residue');
    const dirty = searches.find((search) => !search.ok);
    if (dirty !== undefined) return [inconclusive('residue', `left behind: ${dirty.items.join(', ')}`)];
    if (searches.length > 0) return [held('residue', 'nothing of ours is left')];
    return injections.length > 0
      ? [inconclusive('residue', 'nobody looked for what the faults left behind')]
      : [];
  },
};

/** A trial without a question, or without a user, proves nothing. */
export const checkVacuous: Check = {
  name: 'vacuous',
  run: ({ claims, entries, traces }) => {
    const findings = [];
    const asserted = claims.length > 0 || entriesOf(entries, 'assertion.failed').length > 0;
    if (!asserted) findings.push(inconclusive('vacuous', 'the scenario claimed nothing'));
    const requests = traces.reduce((sum, trace) => sum + trace.samples.length, 0);
    if (requests === 0) findings.push(inconclusive('vacuous', 'the probe sent no request'));
    return findings;
  },
};
