import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { KubeError } from '../../kube/errors.ts';
import { explained } from './unreached.ts';

const attempt = {
  context: 'staging',
  words: '--context staging',
  target: { server: 'https://api.test:6443' },
  timeoutMs: 5_000,
};

function told(said: string): FiredrillError {
  const facts = { status: 0, reason: '' };
  const error = explained(new KubeError('kube.unreachable', `GET /version: ${said}`, facts), attempt);
  assert.ok(error instanceof FiredrillError && error.message.includes(said));
  assert.equal(error.cause, undefined, 'what is told is not told again as its own reason');
  return error;
}

test('what TLS says, to our client or to kubectl, is told with what helps: a clock, a name, an authority, or to log in', () => {
  const rows: readonly (readonly [code: string, hint: RegExp, said: readonly string[]])[] = [
    [
      'existing.untrusted',
      /clock of this machine.*renew the certificate/,
      [
        'certificate has expired',
        'certificate is not yet valid',
        'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-30T20:15:16Z is after 2020-02-01T00:00:00Z',
      ],
    ],
    [
      'existing.untrusted',
      /tls-server-name/,
      [
        "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ",
        "tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
        'tls: failed to verify certificate: x509: certificate is valid for elsewhere.test, not api.test',
        'tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match api.test',
      ],
    ],
    [
      'existing.credentials-refused',
      /log in/,
      [
        '403DA5A8BE7F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../rec_layer_s3.c:918:SSL alert number 116',
        'remote error: tls: certificate required',
        'remote error: tls: expired certificate',
      ],
    ],
    [
      'existing.untrusted',
      /certificate authority of the kubeconfig has to be/,
      [
        'unable to verify the first certificate',
        'self-signed certificate in certificate chain',
        'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      ],
    ],
    ['existing.unreachable', /get --raw \/readyz/, ['connect ECONNREFUSED 127.0.0.1:1']],
  ];
  for (const [code, hint, all] of rows)
    for (const said of all) {
      assert.equal(told(said).code, code, said);
      assert.match(told(said).hint ?? '', hint, said);
    }
});
