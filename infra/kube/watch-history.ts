import { isKubeError, watchFailure } from './errors.ts';

/**
 * A server whose history is behind ours is another one (restored, or made anew at the same address): a watch from
 * our point would wait there, silent, until its history gets that far.
 *
 * @throws KubeError `kube.history-changed`
 */
export function demandSameHistory(
  kind: string,
  resourceVersion: string | undefined,
  knownVersion: string | undefined,
): void {
  if (!isBefore(resourceVersion, knownVersion)) return;
  throw watchFailure(
    kind,
    'kube.history-changed',
    "the API server's history is behind ours: restored or replaced",
  );
}

export function isHistoryGone(error: unknown): boolean {
  return isKubeError(error) && error.code === 'kube.history-changed';
}

/** Resource versions of one API server are ordered as numbers. */
export function isBefore(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return BigInt(a) < BigInt(b);
}
