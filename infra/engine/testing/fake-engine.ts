import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FakeContainers } from './fake-docker.ts';

/** Puts the client of an engine that is not there on the PATH, until it is disposed; see fake-docker.ts. */
export class FakeEngine implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'firedrill-engine-'));
  readonly #path = process.env['PATH'];

  constructor(containers: FakeContainers, name: 'docker' | 'podman' = 'docker') {
    const bin = join(this.directory, 'bin');
    mkdirSync(bin);
    this.containers = containers;
    const program = join(import.meta.dirname, 'fake-docker.ts');
    this.script(`bin/${name}`, `exec ${process.execPath} ${program} ${this.directory} "$@"`);
    process.env['PATH'] = `${bin}:${this.#path ?? ''}`;
  }

  get containers(): FakeContainers {
    return JSON.parse(readFileSync(join(this.directory, 'containers.json'), 'utf8')) as FakeContainers;
  }
  set containers(all: FakeContainers) {
    writeFileSync(join(this.directory, 'containers.json'), JSON.stringify(all));
  }

  /** What it was asked, in order. */
  get calls(): readonly string[] {
    return readFileSync(join(this.directory, 'calls'), { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .slice(0, -1);
  }

  /** Whether it answers. */
  set answers(yes: boolean) {
    const stopped = join(this.directory, 'stopped');
    if (yes) rmSync(stopped, { force: true });
    else writeFileSync(stopped, '');
  }

  /** @returns the path of a shell script */
  script(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  [Symbol.dispose](): void {
    process.env['PATH'] = this.#path;
    rmSync(this.directory, { recursive: true });
  }
}
