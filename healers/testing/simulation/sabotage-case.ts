import type { Misfortune } from './misfortunes.ts';
import type { Sabotage } from './sim-healer.ts';

/** A healer broken in one place, the misfortunes that show it, and what the referee has to say. */
export interface SabotageCase {
  readonly claim: string;
  /** The first seed whose misfortunes show it. */
  readonly seed: number;
  readonly sabotage: Sabotage;
  readonly misfortunes: readonly Misfortune[];
  readonly count?: number;
  readonly violation: RegExp;
}

/** The same object with other methods. */
export function override<T extends object>(real: T, changes: Partial<T>): T {
  return new Proxy(real, {
    get: (target, key) => {
      const value: unknown = Reflect.get(changes, key) ?? Reflect.get(target, key);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
