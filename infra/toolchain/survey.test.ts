import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUNDLES, TOOL_NAMES } from './components.ts';
import { isNewEnough, oldestGoFor } from './go.ts';
import type { HostProbe } from './hosts.ts';
import { MODULES_FOLDER } from './recipe.ts';
import { overrideVariable } from './settings.ts';
import { surveyToolchain } from './survey.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const folder = temporaryDirectory('survey');
writeFileSync(
  join(folder, 'go'),
  `#!/bin/sh
case "$2" in
  GOVERSION) echo "\${VERSION:-go1.99.0}" ;;
  GOPROXY) echo "$PROXIES" ;;
esac
`,
  { mode: 0o755 },
);
const environment = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: folder };
const { signal } = new AbortController();
const answering = (...origins: readonly string[]): HostProbe => ({
  obstacle: (url) => Promise.resolve(origins.includes(url) ? undefined : 'a reason'),
});

test('an empty cache needs Go and a proxy that answers, and the proxy is told without its password', async () => {
  const env = { ...environment, PROXIES: 'http://user:secret@proxy.test:81/go,direct' };
  const silent = await surveyToolchain(env, signal, answering());
  assert.equal(silent.obtainable, false);
  assert.ok(silent.tools.length > 5 && silent.tools.every((tool) => !tool.ok && / absent$/.test(tool.found)));
  assert.match(silent.go.found, /^go1\.99\.0 at .*; 1\.\d+\.\d+ is needed$/);
  assert.doesNotMatch(JSON.stringify(silent), /secret/);
  assert.equal(silent.network.at(-1)?.found, 'proxy.test:81 cannot be reached: a reason');
  assert.match(silent.network[0]?.remedy ?? '', /NODE_EXTRA_CA_CERTS/);

  const open = await surveyToolchain(env, signal, answering('http://proxy.test:81'));
  assert.equal(open.obtainable, true);
  assert.deepEqual(open.network.at(-1), {
    name: 'module proxy',
    ok: true,
    found: 'proxy.test:81 answers',
  });
});

test('of several module proxies one that answers suffices, as Go asks the next one', async () => {
  const env = { ...environment, PROXIES: 'http://a.test|http://b.test' };
  const { obtainable, network } = await surveyToolchain(env, signal, answering('http://b.test'));
  assert.equal(obtainable, true);
  const proxies = network.filter(({ name }) => name === 'module proxy');
  assert.deepEqual(
    proxies.map(({ ok, found }) => [ok, found]),
    [
      [false, 'a.test cannot be reached: a reason'],
      [true, 'b.test answers'],
    ],
  );
});

test('a Go that is too old for one of the modules builds nothing, and the newest that one of them needs is told', async () => {
  const old = { ...environment, VERSION: 'go1.20.1', PROXIES: 'off' };
  const { go, obtainable } = await surveyToolchain(old, signal, answering());
  assert.deepEqual([go.ok, obtainable], [false, false]);
  const [, needed = ''] = /; (go\S+) or newer is needed$/.exec(go.found) ?? [];
  for (const { build } of BUNDLES) {
    const oldest = await oldestGoFor(join(MODULES_FOLDER, build.module, 'go.mod'));
    assert.ok(isNewEnough(needed, oldest), `${build.module} needs ${oldest}, and ${needed} is told`);
  }
});

test('a proxy that is a folder needs no network', async () => {
  const survey = await surveyToolchain({ ...environment, PROXIES: 'file:///modules' }, signal, answering());
  assert.equal(survey.obtainable, true);
  assert.ok(survey.network.every((host) => host.name === 'release host' && !host.ok));
});

test('release hosts that answer suffice for an empty cache, without Go; with FIREDRILL_TOOLCHAIN_PINNED they do not', async () => {
  const hosts = answering('https://github.com', 'https://dl.k8s.io');
  const noGo = { ...environment, FIREDRILL_TOOLCHAIN: 'download' };
  const open = await surveyToolchain(noGo, signal, hosts);
  assert.deepEqual([open.obtainable, open.way], [true, 'downloading']);
  const pinned = await surveyToolchain({ ...noGo, FIREDRILL_TOOLCHAIN_PINNED: '1' }, signal, hosts);
  assert.deepEqual([pinned.obtainable, pinned.way], [false, 'building']);
  const half = await surveyToolchain(noGo, signal, answering('https://github.com'));
  assert.equal(half.obtainable, false);
  assert.match(half.network.find(({ ok }) => !ok)?.remedy ?? '', /FIREDRILL_TOOLCHAIN_MIRRORS/);
});

test('tools that the environment replaces are there: neither hosts nor Go are needed for them', async () => {
  const replaced = TOOL_NAMES.map((tool) => [overrideVariable(tool), `/opt/${tool}`] as const);
  const env = { ...environment, ...Object.fromEntries(replaced), VERSION: 'go1.20.1', PROXIES: 'off' };
  const { tools, way, obtainable } = await surveyToolchain(env, signal, answering());
  assert.ok(tools.every(({ ok, found }) => ok && / replaced by the environment$/.test(found)));
  assert.deepEqual([way, obtainable], ['downloading', true]);
});

test('what FIREDRILL_TOOLCHAIN rules out is neither asked nor told to be mended: with cache, the variable itself is in the way', async () => {
  const asked = async (mode: string) => {
    const { ways, obtainable } = await surveyToolchain(
      { ...environment, PROXIES: 'http://proxy.test', FIREDRILL_TOOLCHAIN: mode },
      signal,
      answering(),
    );
    assert.equal(obtainable, false);
    return ways.map(({ name }) => name);
  };
  assert.deepEqual(await asked('cache'), ['FIREDRILL_TOOLCHAIN']);
  assert.deepEqual(new Set(await asked('download')), new Set(['release host']));
  assert.deepEqual(await asked('build'), ['Go', 'module proxy']);
});
