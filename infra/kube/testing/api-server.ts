import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../harness/testing/free-port.ts';
import { openToolchain } from '../../toolchain/index.ts';
import { KubeClient, type KubeClientOptions } from '../client.ts';
import type { KubeTarget } from '../target.ts';
import { waitForApiServer } from '../wait.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

const run = promisify(execFile);

/** Whoever presents this token is a member of system:masters. */
const ADMIN_TOKEN = 'admin-token';
/** Until the year 2100 the same, in the form of an ID token of OIDC; nobody has signed it. */
export const ADMIN_ID_TOKEN = idToken(4_102_444_800);
/** Knows itself and nothing more. */
const GUEST_TOKEN = 'guest-token';

/** The authority of a test's API server, and the certificate by which it knows the user `dev`. */
export type TestKeys = Required<Pick<KubeTarget, 'caPem' | 'certPem' | 'keyPem'>>;

/** The names and addresses at which a test may call it. */
const SERVER_NAMES = 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:api.example.test';

/** The users of a test's API server, and clients for them. */
export class ApiServerUsers {
  readonly target: KubeTarget;
  readonly guest: KubeTarget;
  /** Is known by a certificate, and knows itself and nothing more. */
  readonly developer: KubeTarget & TestKeys;
  readonly #clients: KubeClient[] = [];

  constructor(server: string, keys: TestKeys) {
    const { caPem } = keys;
    this.developer = { server, ...keys };
    this.target = { server, caPem, token: () => ADMIN_TOKEN };
    this.guest = { server, caPem, token: () => GUEST_TOKEN };
  }

  /** A client that is closed with all others. */
  client(options: KubeClientOptions = {}, target = this.target): KubeClient {
    const kube = new KubeClient(target, options);
    this.#clients.push(kube);
    return kube;
  }

  closeClients(): void {
    for (const kube of this.#clients) kube.close();
  }
}

/**
 * A real etcd and a real kube-apiserver on loopback, for tests: they can be killed, frozen and started again, and die
 * with the process that made them.
 */
export class TestApiServer extends ApiServerUsers {
  readonly #directory: string;
  readonly #ports: readonly [api: number, etcd: number, peer: number];
  #etcd: ChildProcess | undefined;
  #apiServer: ChildProcess | undefined;

  private constructor(directory: string, ports: readonly [number, number, number], keys: TestKeys) {
    super(`https://127.0.0.1:${ports[0]}`, keys);
    this.#directory = directory;
    this.#ports = ports;
  }

  /** Starts both and waits until /readyz says so: some three seconds. */
  static async start(): Promise<TestApiServer> {
    const directory = temporaryDirectory('kube-test');
    const keys = await makeKeys(directory);
    await writeFile(
      join(directory, 'tokens.csv'),
      `${ADMIN_TOKEN},admin,admin,"system:masters"\n${ADMIN_ID_TOKEN},admin,admin,"system:masters"\n${GUEST_TOKEN},guest,guest,"guests"\n`,
    );
    const started = new TestApiServer(
      directory,
      [await freePort(), await freePort(), await freePort()],
      keys,
    );
    await started.startEtcd();
    await started.startApiServer();
    return started;
  }

  /** Where etcd serves clients. */
  get etcdUrl(): string {
    return `http://127.0.0.1:${this.#ports[1]}`;
  }

  /** The process of the kube-apiserver that was started last. */
  get pid(): number | undefined {
    return this.#apiServer?.pid;
  }

  async startEtcd(): Promise<void> {
    const clientUrl = this.etcdUrl;
    const peerUrl = `http://127.0.0.1:${this.#ports[2]}`;
    this.#etcd = await this.#spawn('etcd', [
      `--data-dir=${join(this.#directory, 'etcd')}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
    ]);
  }

  async startApiServer(): Promise<void> {
    const file = (name: string) => join(this.#directory, name);
    const child = await this.#spawn('kube-apiserver', [
      `--etcd-servers=${this.etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.#ports[0]}`,
      `--tls-cert-file=${file('server.crt')}`,
      `--tls-private-key-file=${file('server.key')}`,
      `--token-auth-file=${file('tokens.csv')}`,
      `--client-ca-file=${file('ca.crt')}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('server.crt')}`,
      `--service-account-signing-key-file=${file('server.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      // Pods are made here without the controller that makes service accounts.
      '--disable-admission-plugins=ServiceAccount',
      '--endpoint-reconciler-type=none',
    ]);
    this.#apiServer = child;
    const died = new AbortController();
    child.once('exit', () => died.abort(new Error('the API server died')));
    try {
      await waitForApiServer(this.client(), { timeoutMs: 60_000, signal: died.signal });
    } catch (error) {
      throw new Error(`no API server; it wrote:\n${await this.#log()}`, { cause: error });
    }
  }

  /** As by a power cut: no answer, no goodbye. */
  async kill(): Promise<void> {
    await end(this.#apiServer);
    this.#apiServer = undefined;
  }
  /** SIGSTOP: connections stay open, the kernel still accepts new ones, and nobody answers. */
  freeze(): void {
    this.#apiServer?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#apiServer?.kill('SIGCONT');
  }

  /** Puts another, empty cluster at the same address. */
  async replaceByEmpty(): Promise<void> {
    await this.kill();
    await end(this.#etcd);
    await rm(join(this.#directory, 'etcd'), { recursive: true, force: true });
    await this.startEtcd();
    await this.startApiServer();
  }

  async stop(): Promise<void> {
    this.closeClients();
    await Promise.all([end(this.#apiServer), end(this.#etcd)]);
  }

  async #log(): Promise<string> {
    return (await readFile(join(this.#directory, 'kube-apiserver.log'), 'utf8')).slice(-4000);
  }

  async #spawn(tool: 'etcd' | 'kube-apiserver', flags: readonly string[]): Promise<ChildProcess> {
    const log = createWriteStream(join(this.#directory, `${tool}.log`), { flags: 'a' });
    await once(log, 'open');
    const { [tool]: found } = await openToolchain(process.env).ensure([tool]);
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', found.path, ...flags], {
      stdio: ['ignore', log, log],
    });
    await once(child, 'spawn');
    log.close();
    return child;
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A CA, and certificates for the server and for the user `dev`. Elliptic curves, since RSA keys take a second to find. */
async function makeKeys(directory: string): Promise<TestKeys> {
  const file = (name: string) => join(directory, name);
  const text = (name: string) => readFile(file(name), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const ca = [
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=test-ca',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  ];
  await run('openssl', ca);
  const signed = async (name: string, ...words: readonly string[]) =>
    await run('openssl', [
      ...['req', '-x509', ...key, ...words, '-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-CA', file('ca.crt'), '-CAkey', file('ca.key')],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
    ]);
  await signed('server', '-subj', '/CN=kube-apiserver', '-addext', SERVER_NAMES);
  await signed('dev', '-subj', '/CN=dev');
  return { caPem: await text('ca.crt'), certPem: await text('dev.crt'), keyPem: await text('dev.key') };
}

/** What kubectl reads of an ID token: when it expires, in seconds since 1970. */
export function idToken(expires: number): string {
  return ['{"alg":"none"}', JSON.stringify({ sub: 'dev', exp: expires }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
}
