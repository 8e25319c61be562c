import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { describeError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { whoAmI } from '../borrowed/rights.ts';
import { KubeClient } from '../kube/client.ts';
import { sharedApiServer } from '../kube/testing/shared-api-server.ts';
import { execute } from '../process/run.ts';
import { openToolchain } from '../toolchain/index.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { kubeconfigs, type Row } from './testing/kubeconfigs.ts';
import { reachInManyWays } from './testing/ways.ts';

/** Whom the server has seen, or what is said in place of that. */
interface Outcome {
  readonly sees?: string;
  readonly says: string;
}

const folder = temporaryDirectory('as-kubectl');
const undo = new AsyncDisposableStack();
const server = await sharedApiServer();
undo.defer(() => server.stop());
const reached = await reachInManyWays(server, undo);
const kubectl = (await openToolchain(process.env).ensure(['kubectl'])).kubectl.path;
after(() => undo.disposeAsync());

/** Writes the files of a row. Returns the environment in which both read them. */
function write(row: Row, number: number): NodeJS.ProcessEnv {
  const place = join(folder, String(number));
  const cluster = {
    server: reached.server,
    'certificate-authority-data': Buffer.from(reached.caPem).toString('base64'),
    ...row.cluster,
  };
  const usual = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'staging', cluster }],
    users: [{ name: 'dev', user: row.user }],
    contexts: [{ name: 'staging', context: { cluster: 'staging', user: 'dev', ...row.names } }],
  });
  for (const [name, text] of Object.entries({ ...row.files, config: row.text?.(usual) ?? usual })) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text.replaceAll('FOLDER', place), {
      mode: name.endsWith('.sh') ? 0o700 : 0o600,
    });
  }
  const list = (row.list ?? ['config']).map((name) => join(place, name));
  return { ...process.env, ...row.env, KUBECONFIG: list.join(delimiter) };
}

const contextOf = ({ context = 'staging' }: Row): string | undefined => context ?? undefined;

async function askKubectl(row: Row, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const context = contextOf(row);
  const words = context === undefined ? [] : ['--context', context];
  const { code, output, errors } = await execute(kubectl, [...words, 'auth', 'whoami', '-o', 'json'], {
    env,
  });
  if (code !== 0) return { says: output + errors };
  const { status } = JSON.parse(output) as {
    readonly status: { readonly userInfo: { readonly username: string } };
  };
  return { sees: status.userInfo.username, says: errors };
}

async function askFiredrill(row: Row, env: NodeJS.ProcessEnv): Promise<Outcome> {
  try {
    const target = await loadKubeconfig({
      path: env['KUBECONFIG'] ?? '',
      env,
      ...given({ context: contextOf(row) }),
    });
    using kube = new KubeClient(target);
    return { ...given({ sees: await whoAmI(kube) }), says: '' };
  } catch (error) {
    return { says: describeError(error) };
  }
}

void describe('of a kubeconfig, kubectl and Firedrill read the same', { concurrency: 3 }, () => {
  for (const [number, row] of kubeconfigs(reached).entries())
    void it(row.what, async () => {
      const theirs = await askKubectl(row, write(row, number));
      // Anew, since kubectl writes down what it has renewed.
      const ours = await askFiredrill(row, write(row, number));
      assert.equal(theirs.sees, row.sees, theirs.says);
      assert.equal(ours.sees, row.sees, ours.says);
      if (row.says !== undefined) {
        assert.match(theirs.says, row.says);
        assert.match(ours.says, row.says);
      }
      assert.doesNotMatch(ours.says, /admin-token|guest-token|stale|secret|PRIVATE KEY/);
      // Whatever nobody in particular may do, everybody may.
      assert.doesNotMatch(ours.says, /anonymous[^]*grant/);
    });
});
