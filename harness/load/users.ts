/**
 * The load, run by k6 and not by Node: users who come at a constant rate, whether or not those before them were
 * served, each over a connection of its own. Settings come by the environment, from `loadManifests`.
 */
import http from 'k6/http';

const target = required('TARGET');
const ratePerSecond = Number(required('RATE_PER_SECOND'));
const durationSeconds = Number(required('DURATION_SECONDS'));
const timeoutMs = Number(required('TIMEOUT_MS'));

/** The number of users that wait at once when none of them gets an answer. */
const waiting = Math.ceil((ratePerSecond * timeoutMs) / 1000);

export const options = {
  scenarios: {
    users: {
      executor: 'constant-arrival-rate',
      rate: ratePerSecond,
      timeUnit: '1s',
      duration: `${durationSeconds}s`,
      // All there from the start: making one in the middle of an outage would cost CPU just then.
      preAllocatedVUs: waiting + 5,
      maxVUs: 2 * waiting + 5,
      gracefulStop: `${Math.ceil(timeoutMs / 1000)}s`,
    },
  },
  noConnectionReuse: true,
  discardResponseBodies: true,
  systemTags: ['status', 'error_code'],
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  dns: { ttl: 'inf', select: 'first', policy: 'preferIPv4' },
};

export default function visit(): void {
  http.get(target, { timeout: `${timeoutMs}ms` });
}

/** The last line of the log: what `parseLoadSummary` reads. */
export function handleSummary(data: unknown): Record<string, string> {
  return { stdout: `\nFIREDRILL-LOAD-SUMMARY ${JSON.stringify(data)}\n` };
}

function required(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
