import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerEngine } from '../engine.ts';
import type { FakeContainers } from './fake-docker.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

/** An engine that is not there: its client is on the PATH of `env`; see fake-docker.ts. */
export class FakeEngine {
  readonly directory = temporaryDirectory('engine');
  readonly env: NodeJS.ProcessEnv;
  readonly client: ContainerEngine;

  constructor(containers: FakeContainers, name: 'docker' | 'podman' = 'docker') {
    const bin = join(this.directory, 'bin');
    mkdirSync(bin);
    this.containers = containers;
    const program = join(import.meta.dirname, 'fake-docker.ts');
    this.script(`bin/${name}`, `exec ${process.execPath} ${program} ${this.directory} "$@"`);
    this.env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    this.client = new ContainerEngine(name, this.env);
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
}
