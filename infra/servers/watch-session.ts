// Waits for the end of its standard input, and so of the process that holds the other side, and takes away what that has left.
// Argument 1: the record of its session.
import { once } from 'node:events';
import { endSession } from './reap.ts';

process.stdin.resume();
await once(process.stdin, 'end');
await endSession(process.argv[2] ?? '', 'wait', process.env);
