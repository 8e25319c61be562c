import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import type { KubeTarget } from '../kube/target.ts';
import { boundWherePossible } from '../process/find-program.ts';
import { killGroup } from '../process/run.ts';
import { SOCKET_PATH_MAX_BYTES } from '../process/socket-path.ts';
import { makeTemporaryFolder } from '../process/temporary-folder.ts';

/** A context as kubectl is told of it. */
export interface KubectlContext {
  /** Absolute path of the program. */
  readonly kubectl: string;
  /** Its words for the context; none where the current one is meant. */
  readonly words: readonly string[];
  /** KUBECONFIG in it names the files. */
  readonly env: NodeJS.ProcessEnv;
}

/** The filter keeps web pages away from ports; nobody but us can open a socket in a folder of mode 0700, and it refuses what we ask for. */
const PROXY = ['proxy', '--disable-filter', '--append-server-path', '--unix-socket'];
const SOCKET = 'api';
/** HTTP/2 puts all watches onto one connection, and a server that has died is noticed 45 s later. */
const HTTP_1 = { DISABLE_HTTP2: '1' };
/** It reads files and listens, and asks nobody. */
const START_WITHIN_MS = patient(10_000);
/** A line of kubectl's own log: what it says there it answers to the request, too. */
const LOG_LINE = /^[IWEF]\d{4} \d\d:/;

/** One for each configuration that this process uses; each ends with it. */
const proxies = new Map<string, KubectlProxy>();
process.once('exit', () => {
  for (const proxy of proxies.values()) proxy.end();
});

/**
 * An API server behind kubectl, which adds credentials of any kind to each request, and renews them. kubectl is started before the
 * first request, and again where it has ended.
 *
 * @param configuration all that the context says, so that a file that was changed gets a kubectl of its own
 */
export function throughKubectl(context: KubectlContext, server: string, configuration: string): KubeTarget {
  const bytes = Buffer.byteLength(join(tmpdir(), 'fd-kubectl-000000', SOCKET));
  if (bytes > SOCKET_PATH_MAX_BYTES)
    throw new Error(
      `a unix socket in ${tmpdir()} would have a path of ${bytes} bytes, and may have ${SOCKET_PATH_MAX_BYTES}: set TMPDIR to a folder with a shorter one`,
    );
  const key = JSON.stringify([context, configuration]);
  const proxy = proxies.get(key) ?? new KubectlProxy(context);
  proxies.set(key, proxy);
  return { server, socketPath: proxy.socketPath, refresh: () => proxy.serve() };
}

class KubectlProxy {
  readonly socketPath = join(makeTemporaryFolder('fd-kubectl-'), SOCKET);
  readonly #context: KubectlContext;
  #serving: Promise<void> | undefined;
  #pid: number | undefined;

  constructor(context: KubectlContext) {
    this.#context = context;
  }

  /** Resolves while kubectl listens. Rejects with its words where it does not understand the configuration. */
  serve(): Promise<void> {
    return (this.#serving ??= this.#start());
  }

  /** Kills kubectl and the plug-ins that it has started. */
  end(): void {
    if (this.#pid !== undefined) killGroup(this.#pid);
    rmSync(dirname(this.socketPath), { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { kubectl, words, env } = this.#context;
    const [program, args] = await boundWherePossible(
      kubectl,
      [...words, ...PROXY, this.socketPath],
      env['PATH'],
    );
    // In a group of its own: a Ctrl-C is ours to hear, and what has to be undone then needs the API.
    const child = spawn(program, args, {
      env: { ...env, ...HTTP_1 },
      stdio: ['inherit', 'pipe', 'pipe'],
      detached: true,
    });
    this.#pid = child.pid;
    let isServing = false;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (LOG_LINE.test(text)) return;
      // From here on it is what a plug-in asks of its user.
      if (isServing) process.stderr.write(text);
      else said += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
    await new Promise<void>((resolve, reject) => {
      const ended = (why: string, cause?: unknown): void => {
        clearTimeout(timer);
        this.#serving = undefined;
        this.#pid = undefined;
        reject(new FiredrillError('kube.bad-kubeconfig', `kubeconfig: ${why}`, { cause }));
      };
      child.once('error', (cause) => ended(`${kubectl} could not be run`, cause));
      child.once('close', () => ended(said.trim().replace(/^error: /, '') || `${kubectl} proxy has ended`));
      // It says where it listens, and nothing else.
      child.stdout.once('data', () => resolve());
    });
    clearTimeout(timer);
    isServing = true;
    // Nobody waits for it: who has nothing else to do ends, and it with them.
    child.unref();
    for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  }
}
