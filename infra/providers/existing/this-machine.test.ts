import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { isOnThisMachine } from './this-machine.ts';

test('a server is on this machine where its address is one of it, however that is written', () => {
  const interfaces = { eth0: [{ address: '10.0.0.7' }, { address: 'fd00::7' }] as NetworkInterfaceInfo[] };
  const answer = (server: string): boolean => isOnThisMachine(server, interfaces);
  for (const here of [
    'https://127.0.1.1:6443',
    'https://localhost',
    'https://10.0.0.7',
    'https://[fd00::7]:6443',
  ])
    assert.ok(answer(here), here);
  for (const elsewhere of ['https://10.0.0.70:6443', 'https://api.example.org', 'https://[fd00::8]'])
    assert.ok(!answer(elsewhere), elsewhere);
});
