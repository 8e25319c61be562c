import { expect, type Trial } from '../../harness/index.ts';

/** What the healer's audit says of one kind of event, as far as it was read. */
export function linesOf(trial: Trial, event: string, saying = ''): readonly string[] {
  return trial.journal.entries.flatMap((entry) =>
    entry.kind === 'healer' && entry.event === event && entry.detail.includes(saying) ? [entry.detail] : [],
  );
}

/** The messages for people that were delivered. */
export function messages(trial: Trial, saying: string): readonly string[] {
  return trial.journal.entries.flatMap((entry) =>
    entry.kind === 'note' && entry.text.startsWith('delivered to Slack') && entry.text.includes(saying)
      ? [entry.text]
      : [],
  );
}

/** Waits until people have heard that. */
export async function untilHeard(trial: Trial, saying: string, withinMs: number): Promise<void> {
  const heard = (): number => messages(trial, saying).length;
  await expect.poll(heard, { timeout: withinMs, message: `people hear: ${saying}` }).toBeGreaterThan(0);
}

/** Calls that the machine interface has carried out. */
export function machineCalls(trial: Trial, call: string): readonly string[] {
  return trial.journal.entries.flatMap((entry) =>
    entry.kind === 'machine' && entry.call === call && entry.result.startsWith('ok')
      ? [`${entry.node} ${entry.result}`]
      : [],
  );
}

/** Waits until the healer has told such a line. */
export async function untilTold(
  trial: Trial,
  event: string,
  saying: string,
  withinMs: number,
): Promise<void> {
  const lines = (): number => linesOf(trial, event, saying).length;
  await expect
    .poll(lines, { timeout: withinMs, intervals: [20], message: `${event}: ${saying}` })
    .toBeGreaterThan(0);
}
