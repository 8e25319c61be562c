import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** How a test of a file ended, or (by the name `''`) that all of them have. */
export interface TestEnd {
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly name: string;
  readonly line: number;
  readonly seconds: number;
  /** Why it failed or was left out. */
  readonly why: string;
}

/** A reporter for node:test that writes the end of each test as a line of JSON. */
export default async function* testEvents(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    const end = endOf(event);
    if (end !== undefined) yield `${JSON.stringify(end)}\n`;
  }
}

function endOf({ type, data }: TestEvent): TestEnd | undefined {
  if (type === 'test:summary') return { result: 'passed', name: '', line: 0, seconds: 0, why: '' };
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  const { name, line = 0, details } = data;
  const about = { name, line, seconds: details.duration_ms / 1000 };
  if (type === 'test:fail') {
    const { error } = data.details;
    // A suite fails with its tests, which are counted; one whose hook or body failed has nobody else to say so.
    const isOfTests = 'failureType' in error && error.failureType === 'subtestsFailed';
    if (details.type === 'suite' && isOfTests) return undefined;
    return { ...about, result: 'failed', why: inspect(error.cause, { colors: false, depth: 6 }) };
  }
  if (details.type === 'suite') return undefined;
  return { ...about, result: data.skip === undefined ? 'passed' : 'skipped', why: String(data.skip) };
}
