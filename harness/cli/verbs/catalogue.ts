import type { Verb } from './verb.ts';

/** Each is loaded when it is asked for: who judges a journal needs neither clusters nor the memory that their clients take. */
export const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  up: async () => (await import('./up.ts')).up,
  down: async () => (await import('./down.ts')).down,
  status: async () => (await import('./status.ts')).status,
  kubeconfig: async () => (await import('./kubeconfig.ts')).kubeconfig,
  reap: async () => (await import('./reap.ts')).reap,
  adopt: async () => (await import('./adopt.ts')).adopt,
  approve: async () => (await import('./approve.ts')).approve,
  doctor: async () => (await import('./doctor.ts')).doctor,
  analyze: async () => (await import('./analyze.ts')).analyze,
  report: async () => (await import('./report.ts')).report,
  toolchain: async () => (await import('./toolchain.ts')).toolchain,
};
