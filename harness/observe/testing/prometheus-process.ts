import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../testing/free-port.ts';
import { openToolchain } from '../../../infra/toolchain/index.ts';
import type { Connect } from '../../../infra/http/http.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

/** A page of metrics that a test changes while it is scraped. */
export interface Exporter {
  readonly port: number;
  /** Lines of the exposition format; undefined answers 500, which Prometheus calls down. */
  page: () => string[] | undefined;
  close(): Promise<void>;
}

export async function startExporter(
  page: () => string[] | undefined,
  contentType = 'text/plain',
): Promise<Exporter> {
  const server = createHttpServer((_request, response) => {
    const lines = exporter.page();
    response.writeHead(lines === undefined ? 500 : 200, { 'content-type': contentType });
    response.end(`${(lines ?? []).join('\n')}\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const exporter: Exporter = {
    port: (server.address() as AddressInfo).port,
    page,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return exporter;
}

/** The real Prometheus on loopback with its data in a temporary directory; can be frozen, killed and started again. */
export class PrometheusProcess {
  readonly connect: Connect;
  readonly #binary: string;
  readonly #directory: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(binary: string, directory: string, port: number) {
    this.#binary = binary;
    this.#directory = directory;
    this.#port = port;
    this.connect = async () => {
      const socket = connectTcp(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
  }

  static async start(options: {
    readonly scrapeIntervalMs: number;
    readonly targets: readonly number[];
    readonly rules?: string;
  }): Promise<PrometheusProcess> {
    const { prometheus } = await openToolchain(process.env).ensure(['prometheus']);
    const directory = temporaryDirectory('prometheus');
    const targets = options.targets.map((port) => `'127.0.0.1:${port}'`).join(', ');
    const interval = `${options.scrapeIntervalMs}ms`;
    await writeFile(
      join(directory, 'prometheus.yml'),
      [
        `global: { scrape_interval: ${interval}, scrape_timeout: ${interval}, evaluation_interval: ${interval} }`,
        ...(options.rules === undefined ? [] : [`rule_files: ['${join(directory, 'rules.yml')}']`]),
        `scrape_configs: [{ job_name: test, static_configs: [{ targets: [${targets}] }] }]`,
      ].join('\n'),
    );
    if (options.rules !== undefined) await writeFile(join(directory, 'rules.yml'), options.rules);
    const started = new PrometheusProcess(prometheus.path, directory, await freePort());
    await started.run();
    return started;
  }

  async run(): Promise<void> {
    const child = spawn(
      this.#binary,
      [
        `--config.file=${join(this.#directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.#directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        '--log.level=warn',
      ],
      { stdio: 'ignore' },
    );
    this.#child = child;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`Prometheus exited with ${child.exitCode}`);
      await delay(50);
    }
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`http://127.0.0.1:${this.#port}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
  }
}
