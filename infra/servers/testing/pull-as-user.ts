/** Pulls an image as a process whose environment leads to a Docker configuration: `pull-as-user.ts REFERENCE`. */
import { messageOf } from '../../../harness/core/errors.ts';
import { openEngine } from '../open-engine.ts';

const [reference = ''] = process.argv.slice(2);
const engine = await openEngine();
try {
  await engine.pull(reference);
  process.stdout.write('pulled\n');
} catch (error) {
  process.stdout.write(`${messageOf(error)}\n`);
}
