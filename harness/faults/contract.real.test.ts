import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chooseProvider } from '../../infra/provider.ts';
import { labCluster } from '../../infra/testing/lab-cluster.ts';
import { INJECTORS } from './registry.ts';
import { contractCases } from './testing/contract-cases.ts';
import { injectorContract } from './testing/injector-contract.ts';

it('every kind of fault has a case of the contract, and every case a fault', () => {
  assert.deepEqual(
    Object.keys(contractCases('any')).sort(),
    INJECTORS.map((injector) => injector.kind).sort(),
  );
});

const { name } = await chooseProvider(undefined);
injectorContract(name, labCluster);
