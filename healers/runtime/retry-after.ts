/** How long an answer that is an error asks to wait before the next try, as a Retry-After says; 0 where it asks for nothing. */
export function waitAskedFor(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  const { retryAfterMs, cause } = error as { readonly retryAfterMs?: unknown; readonly cause?: unknown };
  return typeof retryAfterMs === 'number' ? retryAfterMs : waitAskedFor(cause);
}
