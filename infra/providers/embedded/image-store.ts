import { spawn } from 'node:child_process';
import { createReadStream, existsSync, openSync, type ReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import type { Machine } from './machine.ts';

export interface StoredImage {
  readonly reference: string;
  readonly archive: string;
}

const RUNTIME_WITHIN_MS = patient(20_000);

/**
 * The images that every machine of the cluster has besides those on its disk, and how they get onto it. Their archives
 * stay open: a machine may need them in a week, when the cache has long been tidied.
 */
export class ImageStore {
  #images: readonly StoredImage[] = [];
  readonly #held = new Map<string, number>();
  readonly #onDisk: ReadonlySet<string>;
  /** What was imported into a machine; it stays on its disk when the power goes. */
  readonly #imported = new WeakMap<Machine, Set<string>>();
  readonly #ctr: string;

  constructor(onDisk: readonly StoredImage[], ctr: string) {
    this.#onDisk = new Set(onDisk.map((image) => image.reference));
    this.#ctr = ctr;
  }

  /** Machines that boot from now on get these, too. */
  remember(images: readonly StoredImage[]): void {
    const known = new Set(this.#images.map((image) => image.reference));
    const fresh = images.filter((image) => !known.has(image.reference));
    for (const { archive } of fresh)
      if (!this.#held.has(archive)) this.#held.set(archive, openSync(archive, 'r'));
    this.#images = [...this.#images, ...fresh];
  }

  importInto(machine: Machine): Promise<void> {
    return this.importThese(machine, this.#images);
  }

  async importThese(machine: Machine, wanted: readonly StoredImage[]): Promise<void> {
    const has = this.#imported.get(machine) ?? new Set(this.#onDisk);
    this.#imported.set(machine, has);
    const images = wanted.filter((image) => !has.has(image.reference));
    if (images.length === 0) return;
    const socket = `/proc/${machine.initPid}/root/run/containerd/containerd.sock`;
    const deadlineMs = performance.now() + RUNTIME_WITHIN_MS;
    while (!existsSync(socket)) {
      if (machine.power === 'off' || performance.now() > deadlineMs) {
        throw new FiredrillError(
          'machine.no-runtime',
          `containerd of ${machine.name} did not open its socket within ${RUNTIME_WITHIN_MS} ms`,
        );
      }
      await delay(10);
    }
    for (const archive of new Set(images.map((image) => image.archive)))
      await this.#import(machine, socket, archive);
    for (const image of images) has.add(image.reference);
  }

  async #import(machine: Machine, socket: string, archive: string): Promise<void> {
    const child = spawn(this.#ctr, ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) =>
        resolve(code === 0 ? '' : `${signal ?? `exit code ${code ?? '?'}`}: ${err.trim().slice(-400)}`),
      );
    });
    const [sent, reason] = await Promise.allSettled([pipeline(this.#read(archive), child.stdin), ended]);
    const why = reason.status === 'fulfilled' ? reason.value : '';
    if (why !== '' || sent.status === 'rejected') {
      throw new FiredrillError(
        'machine.import-failed',
        `${machine.name} did not take the image ${archive}: ${why}`,
        { cause: sent.status === 'rejected' ? sent.reason : undefined },
      );
    }
  }

  #read(archive: string): ReadStream {
    const fd = this.#held.get(archive);
    return fd === undefined
      ? createReadStream(archive)
      : createReadStream(archive, { fd, start: 0, autoClose: false });
  }
}
