import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError, FiredrillError, MADE_ERRORS } from './errors.ts';

test('an error is told with its causes, each reason once, and the next step last', () => {
  const root = new Error('no such file');
  const cause = new FiredrillError('journal.not-found', 'cannot read it: no such file', { cause: root });
  const error = new FiredrillError('run.no-directory', 'no directory: cannot read it: no such file', {
    cause,
    hint: 'look for it',
  });
  assert.deepEqual(describeError(error).split('\n'), [
    '[run.no-directory] no directory: cannot read it: no such file',
    '  because: [journal.not-found] cannot read it: no such file',
    '  next: look for it',
  ]);
  const other = new FiredrillError('journal.not-found', 'cannot read it', { cause: root });
  assert.deepEqual(describeError(other).split('\n'), [
    '[journal.not-found] cannot read it',
    '  because: no such file',
  ]);
});

test('whose fault an error is follows from its code, unless it says so itself', () => {
  assert.equal(new FiredrillError('cli.bad-number', 'a number').userError, true);
  assert.equal(new FiredrillError('command.failed', 'a command').userError, false);
  assert.equal(new FiredrillError('kube.http-418', 'a teapot').userError, false);
  assert.equal(new FiredrillError('journal.unwritable', 'a full disk', { userError: true }).userError, true);
});

test('a next step is a command that works where it is typed', () => {
  const error = new FiredrillError('cluster.unknown', 'no cluster a is up', {
    hint: 'firedrill up --name a makes one; `npx firedrill reap` and import firedrill from it stay',
  });
  assert.match(
    describeError(error),
    /next: npm run firedrill -- up --name a makes one; `npx firedrill reap` and import firedrill from it stay$/,
  );
});

test('where no verb is known, the way to the list of them works where it is typed, too', () => {
  const error = new FiredrillError('cli.unknown-verb', 'no such verb', { hint: 'firedrill --help' });
  assert.match(describeError(error), /next: npm run firedrill -- --help$/);
});

test('who has to tell more of an error than its message learns of it when it is made', () => {
  const made: unknown[] = [];
  const onError = (error: unknown): void => void made.push(error);
  MADE_ERRORS.subscribe(onError);
  const error = new FiredrillError('cli.bad-number', 'a number', { hint: 'another' });
  MADE_ERRORS.unsubscribe(onError);
  new FiredrillError('cli.bad-number', 'later');
  assert.deepEqual(made, [error]);
});
