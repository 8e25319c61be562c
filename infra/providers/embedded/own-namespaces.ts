/** The kinds of namespace that a process may get for itself, as unshare(1) names them. */
type Namespace = 'mount' | 'pid' | 'uts' | 'ipc' | 'net';

/**
 * The words of a setpriv(1) call that runs `command` as the first process of namespaces of its own. It dies with its
 * parent, and everything in its PID namespace with it.
 */
export function inOwnNamespaces(
  namespaces: readonly Namespace[],
  command: readonly string[],
  options: readonly '--mount-proc'[] = [],
): string[] {
  const flags = [...namespaces.map((name) => `--${name}`), '--fork', '--kill-child', ...options];
  return ['--pdeathsig', 'KILL', '--', 'unshare', ...flags, '--', ...command];
}
