import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../harness/testing/free-port.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { TestApiServer } from '../../../infra/kube/testing/api-server.ts';
import { putObjects } from '../../../infra/kube/testing/etcd.ts';
import { HEALER_SERVICE } from '../../deploy/image.ts';
import type { AuditLine } from '../../runtime/audit-chain.ts';
import { testCertificate } from '../certificate.ts';
import { TestMachineServer } from '../machine-server.ts';
import type { Cost, ScaleHealerStart } from './healer.ts';
import { leaseOf, nodeAddress, nodeName, nodeOf, podOf, slicesOf } from './objects.ts';

const HOST = '127.0.1.1';
const RENEW_EVERY_MS = 10_000;
/** A kubelet whose node is as it was reports that again. */
const REPORT_EVERY_MS = 300_000;
const TICK_MS = 100;

/** A healer that works on it, and what befalls it. */
interface ScaleFleet extends AsyncDisposable {
  /** What the healer has cost since this was asked last. */
  cost(): Promise<Cost>;
  /** Their power goes: kubelets are silent, leases are renewed no more, and the machine interface says `off`. */
  lose(numbers: readonly number[]): void;
  audit(): Promise<readonly AuditLine[]>;
}

/**
 * Starts one healer before a real etcd and kube-apiserver full of plain objects: nodes, leases, pods and EndpointSlices are
 * written into etcd itself, leases and reports go on there, and all kubelets and all machines are a server each. There are no
 * machines, no containers, no controllers and no other healer.
 */
export async function startScaleFleet(nodes: number, pods: number): Promise<ScaleFleet> {
  await using up = new AsyncDisposableStack();
  const server = up.adopt(await TestApiServer.start(), async (started) => await started.stop());
  const certificate = await testCertificate();
  const hooks = { powerOff: () => undefined, replace: (node: string) => `${node}-r` };
  const machines = up.adopt(new TestMachineServer(certificate, hooks), async (each) => await each.close());
  const url = await machines.listen();
  const tokenFile = join(certificate.directory, 'token');
  writeFileSync(tokenFile, machines.token);
  const [port, kubeletPort] = [await freePort(), await freePort()];
  const kubelets = start('kubelets.ts', 'KUBELETS', { ...certificate, port: kubeletPort });
  await once(kubelets, 'message');

  const uids = Array.from({ length: nodes }, () => randomUUID());
  const lost = new Set<number>();
  await putObjects(server.etcdUrl, everything());
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'firedrill-system' } };
  await server.client().create(namespace);
  for (let number = 0; number < nodes; number++) machines.states.set(nodeName(number), 'on');
  goOn();

  const { target } = server;
  const token = target.token?.() ?? '';
  const healer = start('healer.ts', 'HEALER', {
    ...{ server: target.server, caPem: target.caPem ?? '', token, host: HOST, port },
    auditPath: join(temporaryDirectory('scale'), 'audit.jsonl'),
    machines: { url, caFile: certificate.certFile, tokenFile },
  } satisfies ScaleHealerStart);
  const ends = up.move();
  return {
    cost: async () => {
      const answer = once(healer, 'message');
      healer.send('cost');
      return ((await answer) as [Cost])[0];
    },
    lose: (numbers) => {
      for (const number of numbers) {
        lost.add(number);
        machines.states.set(nodeName(number), 'off');
      }
      kubelets.send(numbers.map(nodeAddress));
    },
    audit: async () => {
      // The token of the API server will do for the audit as well.
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`http://${HOST}:${port}/audit?follow=0`, { headers });
      const text = (await response.text()).trim();
      return text.split('\n').map((line) => JSON.parse(line) as AuditLine);
    },
    [Symbol.asyncDispose]: async () => await ends.disposeAsync(),
  };

  function start(program: string, variable: string, value: object): ChildProcess {
    const child = fork(new URL(program, import.meta.url), {
      execArgv: program === 'healer.ts' ? [...HEALER_SERVICE.nodeOptions] : [],
      env: { ...process.env, [variable]: JSON.stringify(value) },
    });
    up.defer(async () => {
      const gone = once(child, 'exit');
      if (child.kill('SIGKILL')) await gone;
    });
    return child;
  }

  function nodeEntry(number: number): readonly [string, object] {
    return [`minions/${nodeName(number)}`, nodeOf(number, uids[number] ?? '', kubeletPort)];
  }

  function leaseEntry(number: number): readonly [string, object] {
    return [`leases/kube-node-lease/${nodeName(number)}`, leaseOf(number, uids[number] ?? '')];
  }

  function* everything(): Iterable<readonly [string, object]> {
    for (let number = 0; number < nodes; number++) {
      yield nodeEntry(number);
      yield leaseEntry(number);
    }
    for (let number = 0; number < pods; number++) yield podOf(number, nodes);
    yield* slicesOf(pods, nodes);
  }

  /** As so many kubelets would, evenly spread: leases every ten seconds, and what they report. */
  function goOn(): void {
    const turns = { renew: 0, report: 0 };
    let writing = Promise.resolve();
    const timer = setInterval(() => {
      const entries = [
        ...due(turns.renew, (turns.renew += (nodes * TICK_MS) / RENEW_EVERY_MS), leaseEntry),
        ...due(turns.report, (turns.report += (nodes * TICK_MS) / REPORT_EVERY_MS), nodeEntry),
      ];
      writing = writing.then(async () => await putObjects(server.etcdUrl, entries));
    }, TICK_MS);
    up.defer(async () => {
      clearInterval(timer);
      await writing;
    });
  }

  function due(
    from: number,
    until: number,
    entry: (number: number) => readonly [string, object],
  ): readonly (readonly [string, object])[] {
    const numbers = Array.from(
      { length: Math.floor(until) - Math.floor(from) },
      (_, index) => (Math.floor(from) + index) % nodes,
    );
    return numbers.filter((number) => !lost.has(number)).map(entry);
  }
}
