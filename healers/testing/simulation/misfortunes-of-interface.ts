import { oftenLose, undoLater, type Blow, type Strike } from './blow.ts';
import type { SimMachine } from './sim-machine.ts';

/** The machine interface as it is: it denies, hangs, lies, remembers, and replaces badly. */
export const INTERFACE_MISFORTUNES = {
  'interface-denies': troubled('denies'),
  'interface-hangs': troubled('hangs'),
  'interface-lies-once': troubled('lies-once'),
  'interface-replays': troubled('replays'),
  'interface-is-late': troubled('late'),
  'interface-knows-nothing': (blow) => {
    const { machine, forMs } = blow;
    machine.claims = 'unknown';
    undoLater(blow.world, forMs, () => {
      if (machine.claims === 'unknown') machine.claims = undefined;
    });
    oftenLose(blow);
    return `of ${machine.name} for ${forMs}`;
  },
  'replace-fails': replacedBadly('fails'),
  'replacement-keeps-name': replacedBadly('keeps-name'),
  'replacement-never-ready': replacedBadly('never-ready'),
} satisfies Record<string, Strike>;

function troubled(trouble: NonNullable<SimMachine['interfaceTrouble']>): Strike {
  return (blow: Blow): string => {
    const { machine, forMs } = blow;
    machine.interfaceTrouble = trouble;
    undoLater(blow.world, forMs, () => (machine.interfaceTrouble = undefined));
    oftenLose(blow);
    return `${machine.name} for ${forMs}`;
  };
}

function replacedBadly(trouble: NonNullable<SimMachine['replaceTrouble']>): Strike {
  return (blow: Blow): string => {
    blow.machine.replaceTrouble = trouble;
    oftenLose(blow);
    return blow.machine.name;
  };
}
