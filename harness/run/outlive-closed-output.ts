/** Lets a process go on where its terminal was closed, or nobody reads its pipe any more: what it has begun is still ended in order. */
export function outliveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => {
      // There is nobody left to tell.
    });
}
