import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coresOf, measureScale, perSecond } from './testing/scale/measure.ts';

const NODES = 1000;
const PODS = 10_000;

test(`${NODES} nodes: detection within 2 s, at most one core and 300 MB`, async (t) => {
  const { idle, storm, peakBytes, detectedMs, fencedMs } = await measureScale(NODES, PODS, t.signal);
  const percent = [idle, storm].map((cost) => `${(100 * coresOf(cost)).toFixed(1)} %`).join(' and ');
  t.diagnostic(
    `idle and in a storm ${percent} of a core, ${(peakBytes / 1e6).toFixed(0)} MB, found after ${detectedMs.toFixed(0)} ms, fenced after ${fencedMs.toFixed(0)} ms`,
  );
  assert.ok(detectedMs < 2000, `${detectedMs} ms`);
  assert.ok(coresOf(idle) < 1, `${coresOf(idle)} cores`);
  assert.ok(idle.rssBytes < 300e6, `${idle.rssBytes} bytes`);
  const asked = perSecond(idle, 'kubelets');
  assert.ok(asked < (NODES / 5) * 1.5, `${asked} requests per second`);
});
