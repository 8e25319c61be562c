import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatKubeconfig } from '../../../kube/testing/kubeconfig.ts';
import type { KubeTarget } from '../../../kube/target.ts';

/** A kubeconfig on disk, and the environment that names its one context; gone when it is disposed. */
export function contextOf(target: KubeTarget, name = 'staging'): Disposable & { readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-context-'));
  const path = join(directory, 'kubeconfig');
  writeFileSync(path, formatKubeconfig(target, { name }), { mode: 0o600 });
  const before = { ...process.env };
  Object.assign(process.env, { FIREDRILL_CONTEXT: name, FIREDRILL_KUBECONFIG: path });
  return {
    path,
    [Symbol.dispose]: () => {
      for (const key of ['FIREDRILL_CONTEXT', 'FIREDRILL_KUBECONFIG'] as const) {
        if (before[key] === undefined) Reflect.deleteProperty(process.env, key);
        else process.env[key] = before[key];
      }
      rmSync(directory, { recursive: true });
    },
  };
}
