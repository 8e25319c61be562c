import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { startReleaseServer } from '../toolchain/testing/release-server.ts';
import { loadKubeconfig } from './kubeconfig.ts';

test(
  'an interruption ends also the download of a kubectl that is not there yet',
  { timeout: 10_000 },
  async (t) => {
    const certificate = await testCertificate();
    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, certificate.cert]);
    t.after(() => setDefaultCACertificates(trusted));
    await using server = await startReleaseServer({}, certificate);
    const abort = new AbortController();
    server.answer = () => abort.abort(new Error('changed my mind'));
    const folder = temporaryDirectory('kubeconfig');
    const path = join(folder, 'config');
    writeFileSync(path, '{}');
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      FIREDRILL_TOOLCHAIN: 'download',
      FIREDRILL_TOOLCHAIN_MIRRORS: `dl.k8s.io=${server.origin}`,
    };
    await assert.rejects(loadKubeconfig({ path, env, signal: abort.signal }), /^Error: changed my mind$/);
    assert.ok(server.asked.length > 0);
  },
);
