import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatKubeconfig } from '../../../kube/testing/kubeconfig.ts';
import type { KubeTarget } from '../../../kube/target.ts';
import { temporaryDirectory } from '../../../../harness/testing/temporary-directory.ts';

/** A kubeconfig on disk, and an environment that names its one context; gone when it is disposed. */
export function contextOf(
  target: KubeTarget,
  name = 'staging',
): Disposable & { readonly path: string; readonly env: NodeJS.ProcessEnv } {
  const directory = temporaryDirectory('context');
  const path = join(directory, 'kubeconfig');
  writeFileSync(path, formatKubeconfig(target, { name }), { mode: 0o600 });
  return {
    path,
    env: { ...process.env, FIREDRILL_CONTEXT: name, FIREDRILL_KUBECONFIG: path },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
