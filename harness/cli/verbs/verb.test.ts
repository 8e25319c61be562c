import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { adopt } from './adopt.ts';
import { approve } from './approve.ts';
import { down } from './down.ts';
import { reap } from './reap.ts';
import { up } from './up.ts';
import { wholeNumber } from './verb.ts';

test('a whole number is written in decimal digits, and lies within its limits', () => {
  assert.equal(wholeNumber('--nodes', '10', 1, 10), 10);
  for (const text of ['1e1', '0x3', ' 3', '', '3.0', '-3', '0', '11'])
    assert.throws(
      () => wholeNumber('--nodes', text, 1, 10),
      { code: 'cli.bad-number', userError: true },
      text,
    );
});

test('an option that would count for nothing is refused before anything is done: one that is given twice, or stands beside another', async () => {
  const context = { env: {}, out: () => {}, err: () => {}, signal: AbortSignal.abort() };
  for (const [verb, words, message] of [
    [adopt, '--context a --namespaces shop --namespaces search', /--namespaces is given twice/],
    [up, '--nodes 3 --nodes=5', /--nodes is given twice/],
    [adopt, '--context a --remove --namespaces shop', /--namespaces says nothing beside --remove/],
    [adopt, '--context a --remove --confirm UID', /--confirm says nothing beside --remove/],
    [approve, '--new-key a --key b', /--key says nothing beside --new-key/],
    [down, '--all --name a', /--name says nothing beside --all/],
    [reap, '--kubeconfig k', /--kubeconfig says nothing without --context/],
    [reap, '--context c --servers', /--servers says nothing beside --context/],
  ] as const)
    await assert.rejects(verb.run(words.split(' '), context), { code: 'cli.bad-arguments', message }, words);
});

test('what nodes are made of is refused by up where its provider does not read it', async () => {
  const context = { env: {}, out: () => {}, err: () => {}, signal: AbortSignal.abort() };
  for (const option of ['--kubernetes', '--node-image'])
    await assert.rejects(up.run(['--provider', 'embedded', option, 'v1.30.0'], context), {
      code: 'arguments.malformed',
      message: `${option}: says nothing to the provider embedded`,
    });
});

test('a cluster has no more zones than workers', async () => {
  const context = { env: {}, out: () => {}, err: () => {}, signal: AbortSignal.abort() };
  await assert.rejects(up.run(['--nodes', '2', '--zones', '3'], context), {
    code: 'cli.bad-number',
    message: '--zones 3: a whole number from 1 to 2 is wanted',
  });
});

test('what is asked of an owner or an approver is read before a kubeconfig is looked for', async () => {
  const env = { FIREDRILL_KUBECONFIG: '/nowhere', FIREDRILL_CONTEXT: 'a' };
  const context = { env, out: () => {}, err: () => {}, signal: AbortSignal.abort() };
  const key = join(temporaryDirectory('approve'), 'key.pem');
  await approve.run(['--new-key', key], context);
  for (const [verb, words, code] of [
    [adopt, ['--namespaces', 'shop,Shop_1'], 'cli.bad-value'],
    [adopt, ['--nodes', 'pool=drill,'], 'kube.bad-selector'],
    [approve, ['--key', key, '--for', '30', '--', 'x', '--seed', '1'], 'duration.malformed'],
  ] as const)
    await assert.rejects(verb.run(words, context), { code, userError: true }, code);
});
