import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { clusterPaths } from '../../supervisor/cluster-directory.ts';
import { ControlPlane } from './control-plane.ts';
import type { ClusterCredentials } from './credentials.ts';
import { NETWORK_PLAN } from './network-plan.ts';

/** Each program writes down what it is told, and ends. */
async function start() {
  const folder = temporaryDirectory('control-plane');
  const paths = clusterPaths('alpha', folder);
  for (const path of [paths.logs, paths.pki]) mkdirSync(path, { recursive: true });
  const tool = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.told"\nexit 3\n', { mode: 0o700 });
    return path;
  };
  const tools = {
    etcd: tool('etcd'),
    'kube-apiserver': tool('kube-apiserver'),
    'kube-controller-manager': tool('kube-controller-manager'),
    'kube-scheduler': tool('kube-scheduler'),
  };
  const ends: string[] = [];
  const again = Promise.withResolvers<undefined>();
  const plane = new ControlPlane({
    ...{ paths, tools, searchPath: '/usr/bin:/bin' },
    onUnexpectedExit: (reason) => {
      ends.push(reason);
      if (new Set(ends).size === 4 && ends.length >= 8) again.resolve(undefined);
    },
  });
  const credentials = { files: {} } as ClusterCredentials;
  plane.startEtcd();
  plane.startApiServer(credentials);
  plane.startScheduler(credentials);
  plane.startControllerManager(credentials);
  await again.promise;
  await plane.stop();
  const told = (name: keyof typeof tools) => readFileSync(`${tools[name]}.told`, 'utf8').trim().split('\n');
  return { paths, ends, told };
}

test(
  'a program of the control plane that ends is started again, and each is told what holds in a cluster of production',
  { skip: process.getuid?.() !== 0 && 'only root may give a program more of the processor', timeout: 20_000 },
  async () => {
    const { paths, ends, told } = await start();
    assert.ok(ends.includes('kube-scheduler exited with code 3'), ends.join());
    assert.equal(statSync(paths.etcd).mode & 0o777, 0o700);
    const flags = told('kube-apiserver');
    for (const flag of [
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--audit-log-mode=blocking',
      `--bind-address=${NETWORK_PLAN.hubAddress}`,
    ])
      assert.ok(flags.includes(flag), flag);
    for (const name of ['client-ca-file', 'kubelet-certificate-authority', 'kubelet-client-certificate'])
      assert.ok(
        flags.some((flag) => flag.startsWith(`--${name}=`)),
        name,
      );
    for (const name of ['kube-scheduler', 'kube-controller-manager'] as const)
      assert.ok(told(name).includes('--bind-address=127.0.0.1'), name);
    assert.ok(told('etcd').every((flag) => !flag.includes('urls=') || flag.includes('=http://127.0.0.1:')));
  },
);
