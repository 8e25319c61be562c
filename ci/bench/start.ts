import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_OPTIONS } from '../../harness/stage/options.ts';
import { exchange } from '../../infra/http/http.ts';
import { imageCacheDirectory } from '../../infra/images/blob-store.ts';
import { buildImages } from '../../infra/images/build-image.ts';
import { nodeServiceImage } from '../../infra/images/service-image.ts';
import { applyAll } from '../../infra/kube/apply.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import type { Pod } from '../../infra/kube/objects.ts';
import { waitForAll, type Answer } from '../../infra/kube/wait.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { hello } from '../../scenarios/workloads/hello/index.ts';
import type { Bench } from './bench.ts';
import { bringUp } from './stage.ts';
import { ownIdentity } from '../../infra/process/identity.ts';

const DNS_QUERY_NAME = 'hello.hello.svc.cluster.local';
const ASK_EVERY_MS = 50;
const ASK_WITHIN_MS = 5_000;

/** What it takes to bring a cluster up. */
export const starts: readonly Bench[] = [
  {
    // Comparable with kind's and k3d's published figures.
    what: 'cached tools to nodes Ready, DNS answering, 6 replicas serving',
    figures: { start: { unit: 's', target: '<= 5 s' } },
    runs: 5,
    async *measure(_, signal) {
      for (;;) yield { start: await secondsToServing(signal) };
    },
  },
  {
    what: 'cached tools to four real nodes Ready; the same with monitoring, healer and storefront, all Ready',
    figures: { nodes: { unit: 's' }, stack: { unit: 's' } },
    runs: 5,
    async *measure(_, signal) {
      for (;;) {
        await using standing = await bringUp(signal, { options: { ...DEFAULT_OPTIONS, load: 'off' } });
        yield { nodes: standing.nodesSeconds, stack: standing.stageSeconds };
      }
    },
  },
];

async function secondsToServing(signal: AbortSignal): Promise<number> {
  const image = nodeServiceImage(hello.images.hello);
  const [built] = await buildImages([image], imageCacheDirectory(process.env));
  const name = `bench-${process.pid}`;
  const spec = { name, ...DEFAULT_OPTIONS.cluster, infraNodes: 0, owner: ownIdentity(), images: [image] };
  const startedMs = performance.now();
  const cluster = await embeddedProvider(process.env).provision(spec, () => {}, signal);
  const kube = new KubeClient(cluster.kube);
  const saysHello = async (address: string): Promise<boolean> => {
    const request = { path: '/', timeoutMs: ASK_WITHIN_MS, signal };
    return (await exchange(() => cluster.connect(address, 8080), request)).status === 200;
  };
  const knowsHello = async (address: string): Promise<boolean> =>
    (await dnsAnswers(await cluster.connect(address, 53), DNS_QUERY_NAME)) > 0;
  try {
    const manifests = hello.manifests({ hello: built?.reference ?? '' });
    await applyAll(kube, manifests, { fieldManager: 'bench', signal });
    await Promise.all([
      eachAnswers(
        kube,
        { namespace: 'hello', labelSelector: 'app=hello' },
        hello.capacity.replicas,
        saysHello,
        signal,
      ),
      eachAnswers(
        kube,
        { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' },
        2,
        knowsHello,
        signal,
      ),
    ]);
    return (performance.now() - startedMs) / 1000;
  } finally {
    kube.close();
    await cluster.destroy();
  }
}

/** Each of the pods has answered as it should. Asked itself: a readiness probe asks once a second only. */
async function eachAnswers(
  kube: KubeClient,
  selection: { readonly namespace: string; readonly labelSelector: string },
  count: number,
  ask: (address: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const started = (pods: readonly Pod[]): Answer => {
    const running = pods.filter(({ status }) => status?.phase === 'Running').length;
    return running === count ? true : `${running} of ${count} pods run`;
  };
  const pods = await waitForAll(kube, { apiVersion: 'v1', kind: 'Pod', ...selection }, started, {
    timeoutMs: 60_000,
    signal,
  });
  await Promise.all(
    pods.map(async ({ status }) => {
      while (!(await ask(status?.podIP ?? '').catch(() => false)))
        await delay(ASK_EVERY_MS, undefined, { signal });
    }),
  );
}

/** The number of answers to one query for an A record over TCP (RFC 1035, section 4.2.2). */
async function dnsAnswers(socket: Duplex, name: string): Promise<number> {
  const labels = name.split('.').map((label) => String.fromCharCode(label.length) + label);
  const query = `\0\x01\x01\0\0\x01\0\0\0\0\0\0${labels.join('')}\0\0\x01\0\x01`;
  socket.write(Buffer.from(`\0${String.fromCharCode(query.length)}${query}`, 'latin1'));
  let answer = Buffer.alloc(0);
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk as Buffer]);
    // Two bytes of length, then the header, whose bytes 6 and 7 count the answers.
    if (answer.length >= 14) break;
  }
  return answer.readUInt16BE(8);
}
