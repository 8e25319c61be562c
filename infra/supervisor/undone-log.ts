import { existsSync, readFileSync } from 'node:fs';
import type { UndoneEffect } from '../cluster.ts';

/**
 * What a supervisor has undone in place of holders, from its file. A session can read it as long as the cluster's state
 * is there, and in the logs that were collected from the cluster afterwards.
 */
export function readUndone(path: string): UndoneEffect[] {
  if (!existsSync(path)) return [];
  // A line that is just being written has no end yet.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as UndoneEffect);
}
