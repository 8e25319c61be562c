import type { SharedFixture } from '../../testing/shared-fixture.ts';
import type { KubeClient } from '../client.ts';
import { waitForObject } from '../wait.ts';
import { ApiServerUsers, TestApiServer, type TestKeys } from './api-server.ts';
import { etcdRevision, removeCreatedAfter } from './etcd.ts';

/** Holds, as JSON, the `Announcement` of the API server that a suite has started. */
const ANNOUNCED = 'FIREDRILL_TEST_API_SERVER';
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const EMPTY_WITHIN_MS = 10_000;

interface Announcement {
  readonly server: string;
  readonly keys: TestKeys;
  readonly pid: number;
  readonly etcdUrl: string;
  /** What came later was put there by a test file. */
  readonly etcdRevision: number;
  /** How many rules say what the guest may do: those of everybody. */
  readonly guestRules: number;
}

/** What a test file may do with an API server that others use after it. */
export type SharedApiServer = Pick<
  TestApiServer,
  'target' | 'guest' | 'developer' | 'client' | 'freeze' | 'thaw' | 'stop'
>;

/** Starts the API server that the test files of a suite use one after the other. */
export async function bringUpApiServer(): Promise<SharedFixture> {
  const server = await TestApiServer.start();
  const kube = server.client();
  for (const name of SYSTEM_NAMESPACES)
    await waitForObject(
      kube,
      { apiVersion: 'v1', kind: 'Namespace', name } as const,
      (found) => found !== undefined || 'it is not there yet',
      { timeoutMs: EMPTY_WITHIN_MS },
    );
  const announcement: Announcement = {
    server: server.target.server,
    keys: server.developer,
    pid: server.pid ?? 0,
    etcdUrl: server.etcdUrl,
    etcdRevision: await etcdRevision(server.etcdUrl),
    guestRules: await rulesOf(server.client({}, server.guest)),
  };
  return {
    environment: { [ANNOUNCED]: JSON.stringify(announcement) },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/**
 * An API server with nothing on it: the suite's, from which all is taken away that the file before has left, or one of its
 * own for a test file that runs alone.
 */
export async function sharedApiServer(): Promise<SharedApiServer> {
  const announced = process.env[ANNOUNCED];
  if (announced === undefined) return await TestApiServer.start();
  const server = new AnnouncedApiServer(JSON.parse(announced) as Announcement);
  await server.empty();
  return server;
}

class AnnouncedApiServer extends ApiServerUsers implements SharedApiServer {
  readonly #announcement: Announcement;

  constructor(announcement: Announcement) {
    super(announcement.server, announcement.keys);
    this.#announcement = announcement;
  }

  /** Takes away all that was created since the suite began: also namespaces, which nobody here would empty. */
  async empty(): Promise<void> {
    // The file before may have been killed while it was frozen.
    this.thaw();
    const { etcdUrl, etcdRevision, guestRules } = this.#announcement;
    await removeCreatedAfter(etcdUrl, etcdRevision);
    // Rights go a moment after the objects that gave them.
    const guest = this.client({}, this.guest);
    const signal = AbortSignal.timeout(EMPTY_WITHIN_MS);
    while ((await rulesOf(guest)) > guestRules) await guest.clock.sleep(20, signal);
  }

  freeze(): void {
    process.kill(this.#announcement.pid, 'SIGSTOP');
  }
  thaw(): void {
    process.kill(this.#announcement.pid, 'SIGCONT');
  }

  /** Others use it after us. */
  stop(): Promise<void> {
    this.closeClients();
    return Promise.resolve();
  }
}

/** How many rules say what the user of a client may do. */
async function rulesOf(kube: KubeClient): Promise<number> {
  const { status } = await kube.request<{ readonly status: { readonly resourceRules: readonly unknown[] } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'default' },
    },
  });
  return status.resourceRules.length;
}
