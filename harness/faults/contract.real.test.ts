import { chooseProvider } from '../../infra/provider.ts';
import { labCluster } from '../../infra/testing/lab-cluster.ts';
import { injectorContract } from '../trial/testing/injector-contract.ts';

const { name } = await chooseProvider(undefined);
injectorContract(name, labCluster);
