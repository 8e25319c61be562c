import { readFileSync } from 'node:fs';
import { FiredrillError } from './errors.ts';

/**
 * The token in a file that holds nothing else; white space around it is none of it.
 * @throws FiredrillError `token.malformed` with the line where something else stands; the error of a file that cannot be read
 */
export function readTokenFile(path: string): string {
  const text = readFileSync(path, 'utf8');
  const [, token = '', rest = ''] = /^\s*([!-~]*)\s*([^]*)$/.exec(text) ?? [];
  if (token !== '' && rest === '') return token;
  const line = text.slice(0, text.length - rest.length).split('\n').length;
  const problem = token === '' ? 'there is no token' : 'more than a token';
  throw new FiredrillError('token.malformed', `${path}:${line}: ${problem}`, {
    hint: 'the file has to hold the token, which is one word, and nothing else',
  });
}
