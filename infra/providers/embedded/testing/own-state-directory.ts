import { after } from 'node:test';
import { embeddedProvider } from '../provider.ts';
import { temporaryDirectory } from '../../../../harness/testing/temporary-directory.ts';

/**
 * An environment with a state directory that nobody else has, for the tests of a suite. When they are done, what is left
 * in it is ended, and it is removed. Called in the body of `describe`.
 */
export function ownStateDirectory(): NodeJS.ProcessEnv & { readonly FIREDRILL_STATE_DIR: string } {
  const directory = temporaryDirectory('test');
  const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
  after(async () => {
    const provider = embeddedProvider(env);
    for (const name of await provider.list()) await provider.end(name, { force: true });
  });
  return env;
}
