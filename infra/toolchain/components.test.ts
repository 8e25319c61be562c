import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { BUNDLES, TOOL_NAMES } from './components.ts';
import type { Bundle } from './component.ts';
import { fillIn } from './address.ts';
import { toolsIn } from './download.ts';
import { MODULES_FOLDER } from './recipe.ts';

const bundles: readonly Bundle[] = BUNDLES;

test('the table holds every program that a cluster, its monitoring and its load need', () => {
  const needed = [
    [
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
      'kube-proxy',
      'coredns',
    ],
    ['containerd', 'containerd-shim-runc-v2', 'ctr', 'ptp', 'host-local', 'loopback'],
    ['prometheus', 'alertmanager', 'k6'],
  ].flat();
  assert.deepEqual(
    needed.filter((name) => !TOOL_NAMES.some((known) => known === name)),
    [],
  );
  assert.equal(new Set(TOOL_NAMES).size, TOOL_NAMES.length, 'a tool has two rows');
});

for (const bundle of bundles) {
  const { download } = bundle;
  test(`${bundle.name}: every tool can be taken from the release files, if there are any, and from the modules`, () => {
    assert.deepEqual(Object.keys(bundle.build.packages).sort(), [...bundle.tools].sort());
    if (download) assert.deepEqual(download.flatMap(toolsIn).sort(), [...bundle.tools].sort());
    assert.ok(bundle.build.packageCount > 0 && bundle.build.estimateMs > 0);
  });

  for (const release of download ?? [])
    for (const architecture of ['amd64', 'arm64'] as const)
      test(`${release.url} on ${architecture}: the address is complete, and there is a checksum or the list of its publisher`, () => {
        const filled = [release.url, release.checksumUrl ?? '', ...Object.values(release.holds)].map((text) =>
          fillIn(text, bundle, architecture),
        );
        assert.doesNotMatch(filled.join(' '), /[{}]/);
        const url: URL = new URL(fillIn(release.url, bundle, architecture));
        assert.equal(url.protocol, 'https:');
        assert.ok(url.pathname.includes(architecture), 'the address ignores the architecture');
        assert.ok(url.pathname.includes(bundle.version), 'the address ignores the version');
        const checksum = release.checksums[architecture];
        if (checksum !== undefined) assert.match(checksum, /^[0-9a-f]{64}$/);
        else {
          const list: URL = new URL(fillIn(release.checksumUrl ?? '', bundle, architecture));
          assert.equal(list.protocol, 'https:');
          assert.equal(dirname(list.pathname), dirname(url.pathname), 'the list is not beside the file');
        }
      });

  test(`${bundle.name}: its modules are pinned to the version in the table, with checksums`, async () => {
    const folder = join(MODULES_FOLDER, bundle.build.module);
    const goMod = await readFile(join(folder, 'go.mod'), 'utf8');
    const main = Object.values(bundle.build.packages)[0]!;
    const line = goMod.split('\n').find((each) => {
      const path = /^(?:require)?\s*(\S+) v/.exec(each)?.[1];
      return (
        path !== undefined &&
        (main === '.' ? path.replace(/\/v\d+$/, '').endsWith(`/${bundle.name}`) : main.startsWith(path))
      );
    });
    assert.ok(line, `no module of ${main} in go.mod`);
    // Prometheus' modules count 3.11.3 as 0.311.3: their major version cannot be in the path.
    const [major, minor, patch] = bundle.version.split('.');
    const forms = [`v${bundle.version}`, `v0.${major}${minor!.padStart(2, '0')}.${patch}`];
    assert.ok(
      forms.some((form) => line.includes(` ${form}`)),
      `${line.trim()} is not ${bundle.version}`,
    );
    await access(join(folder, 'go.sum'));
  });
}

test('no module but those that Kubernetes replaces by folders is replaced by another version: what is compiled of it would be shared with nobody', async () => {
  for (const folder of new Set(
    bundles.map(({ build }) => build.module).filter((name) => name !== 'kubernetes'),
  )) {
    const goMod = await readFile(join(MODULES_FOLDER, folder, 'go.mod'), 'utf8');
    assert.doesNotMatch(goMod, /=> \S+ v\d/, `${folder}/go.mod`);
  }
});
