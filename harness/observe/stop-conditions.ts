import { messageOf } from '../core/errors.ts';
import type { StopCondition } from '../core/owner/policy.ts';
import { readFreeze, readValues, type StopReading } from '../core/owner/stop-condition.ts';
import type { Connect } from '../../infra/http/http.ts';
import { PrometheusApi } from './prometheus-api.ts';

/** An answer that comes later than this is none. */
const READ_WITHIN_MS = 2_500;

/** Looks at all conditions once, at this instant of the runner's clock; one that cannot be read is told as such, and rejects only where the signal aborts. */
export async function readStopConditions(
  connect: Connect,
  conditions: readonly StopCondition[],
  wallMs: number,
  signal: AbortSignal,
): Promise<readonly StopReading[]> {
  const api = new PrometheusApi(connect);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]);
  return await Promise.all(
    conditions.map(async (condition) => {
      try {
        return condition.kind === 'freeze'
          ? readFreeze(condition, wallMs)
          : await readOne(api, condition, limit);
      } catch (error) {
        signal.throwIfAborted();
        const detail = limit.aborted ? `no answer within ${READ_WITHIN_MS} ms` : messageOf(error);
        return { name: condition.name, state: 'unreadable', detail } as const;
      }
    }),
  );
}

async function readOne(
  api: PrometheusApi,
  condition: Exclude<StopCondition, { kind: 'freeze' }>,
  signal: AbortSignal,
): Promise<StopReading> {
  if (condition.kind === 'query') return readValues(condition, await api.valuesNow(condition.query, signal));
  const { name } = condition;
  const rules = await api.alertRules(name, signal);
  // An alert that was renamed would be silent for ever.
  const [first] = rules;
  if (first === undefined)
    return { name, state: 'unreadable', detail: 'this Prometheus has no alerting rule of that name' };
  const broken = rules.find(({ health }) => health === 'err');
  if (broken !== undefined)
    return { name, state: 'unreadable', detail: `its rule cannot be evaluated: ${broken.lastError ?? ''}` };
  const fires = rules.some(({ state }) => state === 'firing');
  return fires
    ? { name, state: 'true', detail: 'the alert fires' }
    : { name, state: 'clear', detail: `the alert is ${first.state}` };
}
