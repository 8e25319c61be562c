import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const run = promisify(execFile);

export interface TestCertificate {
  readonly directory: string;
  readonly certFile: string;
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1 and releases.test, which is its own CA. */
export async function testCertificate(): Promise<TestCertificate> {
  const directory = temporaryDirectory('healer-test');
  const certFile = join(directory, 'server.crt');
  const keyFile = join(directory, 'server.key');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=healer-test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:releases.test'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  return {
    directory,
    certFile,
    cert: await readFile(certFile, 'utf8'),
    key: await readFile(keyFile, 'utf8'),
  };
}
