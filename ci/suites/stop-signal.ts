/** Aborts when this process is told to stop, or whoever started it is gone; the exit code then says which signal it was. */
export function stopSignal(): AbortSignal {
  const abort = new AbortController();
  // The bootstrap that started us was killed, and no signal says so.
  process.once('disconnect', () => abort.abort(new Error('whoever started this is gone')));
  process.channel?.unref();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.exitCode = signal === 'SIGINT' ? 130 : 143;
      abort.abort(new Error(`stopped by ${signal}`));
    });
  return abort.signal;
}
