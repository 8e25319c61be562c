import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cluster, ClusterSpec } from '../../infra/cluster.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { buildImages, nodeServiceImage } from '../../infra/images/index.ts';
import { applyAll } from '../../infra/kube/apply.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { deploymentReady } from '../../infra/kube/readiness.ts';
import { waitForObject } from '../../infra/kube/wait.ts';
import { hello } from '../../scenarios/workloads/hello/index.ts';
import type { Bench } from './bench.ts';

const DNS_QUERY_NAME = 'hello.hello.svc.cluster.local';

/** Nothing -> nodes Ready, DNS answering, six replicas serving; comparable with kind's and k3d's published figures. */
export const start: Bench = {
  name: 'start',
  what: 'cached tools to nodes Ready, DNS answering, 6 replicas serving',
  target: '<= 10 s',
  unit: 's',
  runs: 5,
  async measure(runs, signal, log) {
    const image = nodeServiceImage(hello.images.hello);
    const [built] = await buildImages([image]);
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const spec: ClusterSpec = {
        name: `bench-${process.pid}`,
        workers: 3,
        zones: 3,
        infraNodes: 0,
        machineProfile: 'bmc',
        environment: 'bench',
        ephemeral: true,
        images: [image],
      };
      const startedMs = performance.now();
      const cluster = await embeddedProvider.provision(spec, () => {}, signal);
      const kube = new KubeClient(cluster.kube);
      try {
        await applyAll(kube, hello.manifests({ hello: built?.reference ?? '' }), {
          fieldManager: 'bench',
          signal,
        });
        const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
        const wait = { timeoutMs: 60_000, signal };
        await waitForObject(
          kube,
          { ...deployment, namespace: 'hello', name: 'hello' },
          deploymentReady,
          wait,
        );
        await waitForObject(
          kube,
          { ...deployment, namespace: 'kube-system', name: 'coredns' },
          deploymentReady,
          wait,
        );
        await eachPodAnswers(cluster, kube, signal);
        figures.push((performance.now() - startedMs) / 1000);
        log(`run ${run + 1}: ${figures.at(-1)?.toFixed(2) ?? ''} s`);
      } finally {
        kube.close();
        await cluster.destroy();
      }
    }
    return figures;
  },
};

async function eachPodAnswers(cluster: Cluster, kube: KubeClient, signal: AbortSignal): Promise<void> {
  const pods = async (namespace: string, labelSelector: string): Promise<string[]> =>
    (await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, { signal })).items.map(
      (pod) => pod.status?.podIP ?? '',
    );
  const [dns] = await pods('kube-system', 'k8s-app=kube-dns');
  const answer = await dnsAnswer(await cluster.connect(dns ?? '', 53), DNS_QUERY_NAME);
  if (answer < 1) throw new Error(`DNS has no address for ${DNS_QUERY_NAME}`);
  for (const ip of await pods('hello', 'app=hello')) {
    const status = await httpStatus(await cluster.connect(ip, 8080));
    if (status !== 200) throw new Error(`${ip} answers ${status}`);
  }
}

function httpStatus(socket: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    request(
      {
        path: '/',
        // Without an agent: Node asks for a connection only then.
        createConnection: () => socket,
      },
      (response) => {
        response.resume();
        socket.destroy();
        resolve(response.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end();
  });
}

/** The number of answers to one query for an A record over TCP (RFC 1035, section 4.2.2). */
function dnsAnswer(socket: Duplex, name: string): Promise<number> {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const message = Buffer.concat([
    Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels,
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      // Two bytes of length, then the header, whose bytes 6 and 7 count the answers.
      if (bytes.length < 14) return;
      socket.destroy();
      resolve(bytes.readUInt16BE(8));
    });
    socket.on('error', reject);
    socket.write(Buffer.concat([length, message]));
  });
}
