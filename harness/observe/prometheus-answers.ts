import { z } from 'zod';

/** The shapes of what Prometheus answers, as far as something of it is used. */

const labels = z.record(z.string(), z.string());
/** An instant in Unix seconds, and the text of a number. */
const point = z.tuple([z.number(), z.unknown()]);

export const envelope = z.object({
  ...{ status: z.string().optional(), error: z.string().optional(), data: z.unknown().optional() },
  warnings: z.array(z.string()).optional(),
});

/** A series of an answer has values, or histograms, or both. */
const ofVector = z.object({ value: point.optional(), histogram: z.unknown().optional() });
const ofMatrix = z.object({
  metric: labels,
  values: z.array(point).optional(),
  histograms: z.unknown().optional(),
});

export const queried = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('matrix'), result: z.array(ofMatrix) }),
  z.object({ resultType: z.literal('vector'), result: z.array(ofVector) }),
  z.object({ resultType: z.literal('scalar'), result: point }),
  z.object({ resultType: z.literal('string'), result: z.unknown().optional() }),
]);

export const labelSets = z.array(labels);
export const names = z.array(z.string());
export const runtimeInfo = z.object({ startTime: z.string() });

export const recordingGroups = z.object({
  groups: z.array(
    z.object({
      /** Seconds between two evaluations. */
      interval: z.number(),
      rules: z.array(z.object({ type: z.string(), name: z.string(), query: z.string() })),
    }),
  ),
});

const alert = z.object({ labels, state: z.enum(['pending', 'firing']), activeAt: z.string() });
export const alertingGroups = z.object({
  groups: z.array(
    z.object({
      /** Seconds between two evaluations. */
      interval: z.number().optional(),
      rules: z.array(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('recording') }),
          z.object({
            ...{ type: z.literal('alerting'), name: z.string(), state: z.string(), alerts: z.array(alert) },
            ...{ health: z.enum(['ok', 'err', 'unknown']), lastError: z.string().optional() },
            lastEvaluation: z.string().optional(),
          }),
        ]),
      ),
    }),
  ),
});
