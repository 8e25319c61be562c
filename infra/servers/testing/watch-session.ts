// A process that has started a watcher over the session of its first argument, and waits to be killed.
import { startWatcher } from '../session.ts';

await startWatcher(process.argv[2] ?? '', process.env);
process.stdout.write('watched');
setInterval(() => undefined, 1000);
