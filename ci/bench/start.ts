import type { Duplex } from 'node:stream';
import { DEFAULT_OPTIONS } from '../../harness/stage/options.ts';
import type { Cluster } from '../../infra/cluster.ts';
import { exchange } from '../../infra/http/http.ts';
import { imageCacheDirectory } from '../../infra/images/blob-store.ts';
import { buildImages } from '../../infra/images/build-image.ts';
import { nodeServiceImage } from '../../infra/images/service-image.ts';
import { applyAll } from '../../infra/kube/apply.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { deploymentReady } from '../../infra/kube/readiness.ts';
import { waitForObject } from '../../infra/kube/wait.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { hello } from '../../scenarios/workloads/hello/index.ts';
import type { Bench } from './bench.ts';
import { bringUp } from './stage.ts';
import { ownIdentity } from '../../infra/process/identity.ts';

const DNS_QUERY_NAME = 'hello.hello.svc.cluster.local';

/** What it takes to bring a cluster up. */
export const starts: readonly Bench[] = [
  {
    // Comparable with kind's and k3d's published figures.
    what: 'cached tools to nodes Ready, DNS answering, 6 replicas serving',
    figures: { start: { unit: 's', target: '<= 10 s' } },
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
  try {
    const manifests = hello.manifests({ hello: built?.reference ?? '' });
    await applyAll(kube, manifests, { fieldManager: 'bench', signal });
    for (const place of [
      { namespace: 'hello', name: 'hello' },
      { namespace: 'kube-system', name: 'coredns' },
    ]) {
      const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', ...place } as const;
      await waitForObject(kube, deployment, deploymentReady, { timeoutMs: 60_000, signal });
    }
    await eachPodAnswers(cluster, kube, signal);
    return (performance.now() - startedMs) / 1000;
  } finally {
    kube.close();
    await cluster.destroy();
  }
}

async function eachPodAnswers(cluster: Cluster, kube: KubeClient, signal: AbortSignal): Promise<void> {
  const addresses = async (namespace: string, labelSelector: string): Promise<string[]> => {
    const { items } = await kube.list(
      { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector },
      { signal },
    );
    return items.map((pod) => pod.status?.podIP ?? '');
  };
  const [dns = ''] = await addresses('kube-system', 'k8s-app=kube-dns');
  if ((await dnsAnswers(await cluster.connect(dns, 53), DNS_QUERY_NAME)) < 1)
    throw new Error(`DNS has no address for ${DNS_QUERY_NAME}`);
  for (const ip of await addresses('hello', 'app=hello')) {
    const { status } = await exchange(() => cluster.connect(ip, 8080), {
      path: '/',
      timeoutMs: 5_000,
      signal,
    });
    if (status !== 200) throw new Error(`${ip} answers ${status}`);
  }
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
