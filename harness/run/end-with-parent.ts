/**
 * Loaded before anything else into the test runner, and by it into its workers: each ends at once when whoever started it
 * is gone. A runner that outlived its launcher would go on injecting into a cluster that stays, and would write to
 * the journals that the next command judges.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
