import { chooseProvider, providersOf } from '../../infra/provider.ts';
import { labCluster } from '../../infra/testing/lab-cluster.ts';
import { injectorContract } from '../trial/testing/injector-contract.ts';

const { name } = await chooseProvider(undefined, providersOf(process.env));
injectorContract(name, labCluster);
