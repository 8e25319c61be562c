import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { HttpMachines } from '../machines/client.ts';
import type { MachinePowerState, MachineState } from '../machines/protocol.ts';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { openMachineDoor } from './machine-door.ts';
import { CALL_RATES } from './power-cuts.ts';

test('D25 a power-off that is asked for again is answered with what the machine is now', async () => {
  const { directory, cert, key, certFile } = await testCertificate();
  let power: MachinePowerState = 'on';
  const seen = (): MachineState => ({ node: 'n1', state: power, observedAtMs: 0 });
  const door = await openMachineDoor({
    host: '127.0.0.1',
    port: 0,
    certPem: cert,
    keyPem: key,
    token: 'token',
    rate: CALL_RATES.bmc,
    clusterUid: () => 'u1',
    backend: {
      states: () => [seen()],
      powerOff: () => {
        power = 'off';
        return Promise.resolve(seen());
      },
      powerOn: () => Promise.reject(new Error('not asked for')),
      replace: () => Promise.reject(new Error('not asked for')),
    },
    monoMs: () => 0,
    wallMs: () => 0,
    onCall: () => undefined,
  });
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'token');
  const url = `https://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const machines = new HttpMachines({ url, caFile: certFile, tokenFile });
  try {
    const { signal } = new AbortController();
    await machines.powerOff('n1', 'n1.a.1', signal);
    power = 'on';
    const again = await machines.powerOff('n1', 'n1.a.1', signal);
    assert.equal(again.state, power);
  } finally {
    machines.close();
    door.close();
    rmSync(directory, { recursive: true });
  }
});
