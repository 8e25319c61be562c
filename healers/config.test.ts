import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FiredrillError } from '../harness/core/errors.ts';
import { describeWindow } from '../harness/core/owner/calendar.ts';
import { readHealerConfig } from './config.ts';
import { DEFAULT_NODE_POLICY } from './policy/node-policy.ts';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

function file(content: unknown): Record<string, string> {
  const path = join(temporaryDirectory('config'), 'healer.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return { FIREDRILL_HEALER_CONFIG: path };
}

function problems(content: unknown): string {
  try {
    readHealerConfig(file(content));
  } catch (error) {
    assert.ok(error instanceof FiredrillError && error.userError);
    return error.message;
  }
  return assert.fail('accepted');
}

test('no configuration is the default', () => {
  const config = readHealerConfig({});
  assert.deepEqual(config.node, DEFAULT_NODE_POLICY);
  assert.equal(config.machines, undefined);
  assert.equal(config.port, 8080);
});

test('the machine interface comes from the environment, and its authority from the file that is there', () => {
  const url = { FIREDRILL_MACHINES_URL: 'https://m' };
  const { FIREDRILL_HEALER_CONFIG: caFile = '' } = file('an authority');
  const rest = { url: 'https://m', tokenFile: '/etc/firedrill/machines/token' };
  const machinesWith = (path: string) =>
    readHealerConfig({ ...url, FIREDRILL_MACHINES_CA_FILE: path }).machines;
  assert.deepEqual(machinesWith(caFile), { ...rest, caFile });
  assert.deepEqual(machinesWith('/not/there'), rest);
});

test('all problems are told together, each with its key path', () => {
  const text = problems({
    port: 0,
    nodes: {},
    node: {
      mode: 'dream',
      kubeletFailures: 1,
      leaseOverdueMs: '12 s',
      coolDownMs: 1.5,
      fenceAfterDrain: 'yes',
      foreignTaints: [1],
      leaseOverDue: 3,
      maintenance: [
        { name: 'once', from: 'noon', to: 'later' },
        { name: 'weekly', days: ['friday'], from: '23:00', to: '01:00', timeZone: 'UTC' },
      ],
    },
  });
  for (const path of [
    'port: must be a number from 1 to 65535, is 0',
    'nodes: unknown',
    'node.mode: must be one of act, observe, is "dream"',
    'node.kubeletFailures: must be a number from 2 to 20, is 1',
    'node.leaseOverdueMs: must be a number',
    'node.coolDownMs: must be a whole number, is 1.5',
    'node.fenceAfterDrain: must be true or false, is "yes"',
    'node.foreignTaints: must be a list of texts, is [1]',
    'node.leaseOverDue: unknown',
    'node.maintenance[0].from: an instant with its offset is wanted',
    'node.maintenance[1].days[0]: one of sun, mon',
  ]) {
    assert.ok(text.includes(path), `${path}\nnot in\n${text}`);
  }
});

test('a number is accepted up to its bounds and refused beyond them', () => {
  const { node } = readHealerConfig(file({ node: { minimumHealthyPercent: 100, drainStepMs: 1 } }));
  assert.deepEqual([node.minimumHealthyPercent, node.drainStepMs], [100, 1]);
  const text = problems({ node: { minimumHealthyPercent: 101, drainStepMs: 0 } });
  assert.match(text, /minimumHealthyPercent: must be a number from 1 to 100, is 101/);
  assert.match(text, /drainStepMs: must be a number from 1 to 86400000, is 0/);
});

test('limits that contradict each other are told', () => {
  assert.match(problems({ node: { leaseOverdueMs: 20_000 } }), /node.leaseOverdueAloneMs: must not be below/);
});

test('what is no JSON, and what is no object, is told with the file', () => {
  assert.match(problems('{'), /healer.json: .*JSON/);
  assert.match(problems([1]), /the configuration: must be an object/);
});

test('a maintenance window is written as a freeze window is', () => {
  const written = { name: 'patching', days: ['sun'], from: '23:00', to: '01:00', timeZone: 'UTC' };
  const [window] = readHealerConfig(file({ node: { maintenance: [written] } })).node.maintenance;
  assert.ok(window);
  assert.equal(describeWindow(window), '"patching" (sun 23:00 to 01:00 UTC)');
});
