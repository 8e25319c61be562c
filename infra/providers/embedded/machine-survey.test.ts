import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { testCertificate } from '../../../healers/testing/certificate.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { surveyCache } from '../../toolchain/survey.ts';
import { startReleaseServer } from '../../toolchain/testing/release-server.ts';
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
  await assert.rejects(requireMachine(environment, 1_000_000, signal, { rootFolders: [] }), (error) => {
    assert.ok(error instanceof FiredrillError && error.code === 'provider.not-ready' && error.userError);
    for (const words of [
      /available memory: .* GiB needed/,
      /free disk: /,
      /runc: missing/,
      /release host: 127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/,
    ])
      assert.match(error.message, words);
    for (const step of [
      /fewer nodes/,
      /FIREDRILL_STATE_DIR/,
      /FIREDRILL_TOOLCHAIN_MIRRORS/,
      /apt-get install/,
      /firedrill doctor/,
    ])
      assert.match(error.hint ?? '', step);
    return true;
  });
});

test('folders that cannot be written are told before anything is fetched for them, each with its variable', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const env = {
    ...environment,
    FIREDRILL_STATE_DIR: join(file, 'state'),
    XDG_CACHE_HOME: join(file, 'cache'),
  };
  const { room } = await surveyMachine(env, 4, signal);
  assert.deepEqual(
    room.filter(({ name }) => name.startsWith('folder')).map(({ ok, found }) => [ok, found]),
    [1, 2].map(() => [false, `${file} is no folder`]),
  );
  await assert.rejects(requireMachine(env, 4, signal), {
    code: 'provider.not-ready',
    hint: /set FIREDRILL_STATE_DIR to a folder of yours; set XDG_CACHE_HOME/,
  });
});

test('where tools can be downloaded, nothing is said of Go, which a download does not need', async (t) => {
  const certificate = await testCertificate();
  const trusted = getCACertificates();
  setDefaultCACertificates([...trusted, certificate.cert]);
  t.after(() => setDefaultCACertificates(trusted));
  await using server = await startReleaseServer({}, certificate);
  writeFileSync(join(folder, 'go'), '#!/bin/sh\necho go1.20.1\n', { mode: 0o700 });
  const mirrors = `github.com=${server.origin},dl.k8s.io=${server.origin}`;
  const run = requireMachine({ ...environment, FIREDRILL_TOOLCHAIN_MIRRORS: mirrors }, 1_000_000, signal);
  await assert.rejects(run, (error: Error) => {
    assert.match(error.message, /available memory: /);
    assert.doesNotMatch(error.message, /Go: |release host: /);
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
  // A file system that has no room, whatever there is elsewhere.
  const [full] = toolsRoom({ ...environment, XDG_CACHE_HOME: '/proc/cache' }, { tools, way: 'downloading' });
  assert.deepEqual([full?.ok, full?.found.split(';').at(0)], [false, '0.0 GiB']);
});
