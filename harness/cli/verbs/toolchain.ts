import { runToolchain } from '../../../infra/toolchain/cli.ts';
import type { Verb } from './verb.ts';

/** The programs that Firedrill runs; its help is the tool chain's own. */
export const toolchain: Verb = {
  name: 'toolchain',
  summary: 'list, get, verify or clean the programs that are run',
  help: '',
  run: (args, { env: environment, signal }) => runToolchain([...args], { environment, signal }),
};
