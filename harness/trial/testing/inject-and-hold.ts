import { chooseProvider, providersOf } from '../../../infra/provider.ts';
import { contractCaseOf, contractVictim } from '../../faults/testing/contract-case.ts';
import { ContractSession } from './contract-session.ts';

/**
 * A process that injects the fault of one kind and holds on to it until it is killed:
 * `inject-and-hold.ts PROVIDER CLUSTER KIND SESSION JOURNAL`. It says `effective` when the fault was seen to bite.
 */
const [provider = '', name = '', kind = '', session = '', journal = ''] = process.argv.slice(2);

// Whoever started us has died without killing us: the hold lapses then.
process.stdin.on('end', () => process.exit(1)).resume();

const cluster = await (await chooseProvider(provider, providersOf(process.env))).attach(name);
const contract = await contractCaseOf(kind, await contractVictim(cluster));
const holder = await ContractSession.open(cluster, session, journal);
await holder.inject(contract.fault);
process.stdout.write('effective\n');
