import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { surveyCache } from '../../toolchain/survey.ts';
import { requireMachine, surveyMachine, toolsRoom } from './machine-survey.ts';

const folder = temporaryDirectory('machine-survey');
const { signal } = new AbortController();
/** Nothing is cached, and no host answers. */
const environment = {
  PATH: folder,
  HOME: folder,
  XDG_CACHE_HOME: folder,
  FIREDRILL_STATE_DIR: folder,
  FIREDRILL_TOOLCHAIN: 'download',
  FIREDRILL_TOOLCHAIN_MIRRORS: 'github.com=http://127.0.0.1:1,dl.k8s.io=http://127.0.0.1:1',
};

test('a run that the machine cannot carry is refused before anything is fetched, with all that is missing and the next steps', async () => {
  await assert.rejects(requireMachine(environment, 1_000_000, signal), (error) => {
    assert.ok(error instanceof FiredrillError && error.code === 'provider.not-ready' && error.userError);
    for (const words of [
      /available memory: .* GiB needed/,
      /free disk: /,
      /release host: 127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/,
    ])
      assert.match(error.message, words);
    for (const step of [
      /fewer nodes/,
      /FIREDRILL_STATE_DIR/,
      /FIREDRILL_TOOLCHAIN_MIRRORS/,
      /firedrill doctor/,
    ])
      assert.match(error.hint ?? '', step);
    return true;
  });
});

test('every line that can fail has a next step', async () => {
  const { requirements, room, programs } = await surveyMachine(environment, 4, signal);
  const tools = await surveyCache(environment, signal);
  for (const name of ['inotify instances', 'inotify watches', 'open files', 'ports'])
    assert.ok(
      requirements.some((one) => one.name === name),
      `${name} is not looked at`,
    );
  for (const { name, ok, remedy } of [...requirements, ...room, ...programs, ...tools])
    assert.ok(ok || (remedy ?? '') !== '', `${name} says no next step`);
});

test('the room for tools is that of the way they come, for those that are missing', () => {
  const tools = ['a', 'b', 'c', 'd'].map((name) => ({ name, ok: name !== 'a', found: '' }));
  const needed = (way: 'downloading' | 'building') => toolsRoom(environment, { tools, way })[0]?.found;
  assert.match(needed('downloading') ?? '', /downloading the tools: 0\.5 GiB needed/);
  assert.match(needed('building') ?? '', /building the tools: 2\.3 GiB needed/);
  assert.deepEqual(toolsRoom(environment, { tools: tools.slice(1), way: 'building' }), []);
});
