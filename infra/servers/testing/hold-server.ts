/** Starts a mail sink, says the name of its container, and lives until it is killed. */
import { smtpSink, startServer } from '../index.ts';

const { containerName } = await startServer(smtpSink, process.env, { reuse: process.argv[2] === 'kept' });
process.stdout.write(`${containerName}\n`);
setInterval(() => undefined, 60_000);
