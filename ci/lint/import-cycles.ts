import { dirname, relative, sep } from 'node:path';
import type { Graph } from './imports.ts';

/** Folders whose own folders are rooms of their own. */
const WITH_ROOMS = ['harness/core', 'infra/providers', 'infra/agents'];

/**
 * The folder that a file belongs to: of the second level, below some of the third. A file that lies in a top folder itself
 * is that one's roof, which reaches everything below it and is reached by nothing there.
 */
function folderOf(root: string, path: string): string {
  const folders = relative(root, dirname(path)).split(sep);
  const depth = WITH_ROOMS.includes(folders.slice(0, 2).join('/')) ? 3 : 2;
  return folders.length === 1 ? `${folders[0] ?? ''}/*` : folders.slice(0, depth).join('/');
}

/** Which folder reaches which by the imports of its files. */
export function folderGraph(root: string, files: Graph): Graph {
  const folders = new Map<string, string[]>();
  for (const [path, imported] of files) {
    const from = folderOf(root, path);
    const reached = imported.map((to) => folderOf(root, to)).filter((to) => to !== from);
    folders.set(from, [...new Set([...(folders.get(from) ?? []), ...reached])]);
  }
  return folders;
}

/** Every circle that a walk through the graph meets, each once, beginning with its first name in the alphabet. */
export function cycles(graph: Graph): string[][] {
  const done = new Set<string>();
  const trail: string[] = [];
  const found = new Map<string, string[]>();
  const visit = (name: string): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0] ?? '');
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      found.set(turned.join('\n'), turned);
      return;
    }
    if (done.has(name)) return;
    trail.push(name);
    for (const reached of graph.get(name) ?? []) visit(reached);
    trail.pop();
    done.add(name);
  };
  for (const name of [...graph.keys()].sort()) visit(name);
  return [...found.values()];
}
