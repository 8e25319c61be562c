import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { providersOf } from '../../provider.ts';
import { embeddedRequirements, surveyCgroups } from './requirements.ts';

it('remedies name no provider that does not exist', () => {
  const known = providersOf({}).map((provider) => provider.name);
  for (const { name, remedy = '' } of embeddedRequirements())
    for (const [, provider = ''] of remedy.matchAll(/--provider (\S+)/g))
      assert.ok(known.includes(provider), `${name}: there is no provider ${provider}`);
});

it('control groups that a kubelet cannot run in are said with what they lack, before anything starts', () => {
  const lookAt = (files: Readonly<Record<string, string>>) => {
    const root = temporaryDirectory('survey');
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    const { ok, found, remedy = '' } = surveyCgroups(root);
    return [ok, found, remedy] as const;
  };
  const controllers = (names: string) => ({
    'cgroup.controllers': `${names}\n`,
    'cgroup.subtree_control': '',
  });
  const whole = controllers('cpuset cpu io memory pids');
  assert.deepEqual(lookAt(whole).slice(0, 2), [true, 'version 2']);
  const lacking = controllers('io memory');
  assert.deepEqual(lookAt(lacking).slice(0, 2), [false, 'version 2, without cpu, pids']);
  assert.match(lookAt(lacking)[2], /cgroup_no_v1/);
  assert.match(lookAt({ ...lacking, 'cgroup.type': 'domain\n' })[2], /delegate/);
  assert.deepEqual(lookAt({ ...whole, 'cgroup.type': 'domain\n' }).slice(0, 2), [true, 'version 2']);
  assert.equal(lookAt({ ...whole, 'cgroup.type': 'domain threaded\n' })[1], 'version 2, domain threaded');
  const old = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [`${name}/cgroup.procs`, '']));
  assert.deepEqual(lookAt(old(['cpu', 'memory', 'pids', 'freezer'])).slice(0, 2), [true, 'version 1']);
  const unfrozen = lookAt(old(['cpu', 'memory', 'pids']));
  assert.deepEqual(unfrozen.slice(0, 2), [false, 'version 1, without freezer']);
  assert.deepEqual(lookAt({}).slice(0, 2), [false, 'none']);
});
