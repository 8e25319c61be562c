import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cloneArguments } from './clone-container.ts';
import { countProcesses, nodeContainer, type InspectedContainer } from './containers.ts';

/** A worker as kind makes it with Docker, cut down to what is looked at. */
const WORKER: InspectedContainer = {
  Name: '/fd-drill-worker2',
  Id: '89ab',
  Image: 'sha256:0123',
  Config: {
    Image: 'kindest/node:v1@sha256:4567',
    Labels: { 'io.x-k8s.kind.cluster': 'fd-drill', 'io.x-k8s.kind.role': 'worker', vendor: 'somebody' },
    Env: ['PATH=/usr/bin', 'container=docker'],
  },
  State: { Status: 'running', Running: true, Paused: false },
  HostConfig: {
    Binds: ['/lib/modules:/lib/modules:ro'],
    Tmpfs: { '/tmp': '', '/run': '' },
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 },
    CgroupnsMode: 'private',
    UsernsMode: '',
    Sysctls: null,
    Devices: [],
  },
  Mounts: [
    { Type: 'bind', Destination: '/lib/modules' },
    { Type: 'volume', Destination: '/var' },
  ],
  NetworkSettings: { Networks: { kind: { IPAddress: '172.18.0.3', GlobalIPv6Address: 'fc00::3' } } },
};

test('a machine that runs, hangs, is unplugged or off', () => {
  const base = {
    name: 'fd-drill-worker2',
    id: '89ab',
    network: 'kind',
    address: '172.18.0.3',
    address6: 'fc00::3',
  };
  assert.deepEqual(nodeContainer(WORKER), { ...base, power: 'on', frozen: false });
  const paused = { ...WORKER, State: { Status: 'paused', Running: true, Paused: true } };
  assert.deepEqual(nodeContainer(paused), { ...base, power: 'on', frozen: true });
  // Podman's paused containers do not run.
  assert.deepEqual(
    nodeContainer({ ...WORKER, Name: 'fd-drill-worker2', State: { Status: 'paused', Running: false } }),
    {
      ...base,
      power: 'on',
      frozen: true,
    },
  );
  const unplugged = nodeContainer({ ...WORKER, NetworkSettings: { Networks: {} } });
  assert.deepEqual(unplugged, { name: 'fd-drill-worker2', id: '89ab', power: 'on', frozen: false });
  const off = nodeContainer({
    ...WORKER,
    State: { Status: 'exited', Running: false },
    NetworkSettings: { Networks: { kind: { IPAddress: '', GlobalIPv6Address: '' } } },
  });
  assert.deepEqual(off, {
    name: 'fd-drill-worker2',
    id: '89ab',
    power: 'off',
    frozen: false,
    network: 'kind',
  });
});

test('a replacement is made like the container of kind, under its own name', () => {
  const args = cloneArguments('docker', WORKER, { name: 'fd-drill-worker5', network: 'kind' });
  const text = args.join(' ');
  for (const part of [
    'run --detach --tty --privileged',
    '--name fd-drill-worker5 --hostname fd-drill-worker5 --network kind',
    '--label io.x-k8s.kind.cluster=fd-drill --label io.x-k8s.kind.role=worker',
    '--security-opt seccomp=unconfined --security-opt apparmor=unconfined',
    '--tmpfs /tmp --tmpfs /run',
    '--volume /var --volume /lib/modules:/lib/modules:ro',
    '--cgroupns private',
    '--init=false',
    '--restart on-failure:1',
  ])
    assert.ok(text.includes(part), `${part} is not in ${text}`);
  assert.equal(args.at(-1), 'kindest/node:v1@sha256:4567');
  assert.doesNotMatch(text, /vendor|worker2|label=disable|userns/);
});

test("Podman's word for a container's own name is not copied", () => {
  const named = {
    ...WORKER,
    Config: { ...WORKER.Config, Env: ['container=podman', 'HOSTNAME=fd-drill-worker2'] },
  };
  const args = cloneArguments('podman', named, { name: 'fd-drill-worker5', network: 'kind' });
  assert.ok(args.includes('container=podman'));
  assert.doesNotMatch(args.join(' '), /worker2/);
});

test("a disk of Podman's is a volume that was made for it", () => {
  const options = { name: 'fd-drill-worker5', network: 'kind', volume: 'v0' };
  const args = cloneArguments('podman', WORKER, options);
  assert.ok(args.includes('v0:/var:suid,exec,dev'));
  assert.ok(!args.includes('--init=false'));
});

test('processes are counted by the group that they are in', () => {
  // Some part of our own group's path stands for a container's id.
  const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n')[0] ?? '';
  const counts = countProcesses([own, 'no-such-container']);
  assert.ok((counts.get(own) ?? 0) >= 1);
  assert.equal(counts.get('no-such-container'), 0);
});
