import { createRng } from '../../../harness/core/seed.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { PowerCuts } from '../../supervisor/power-cuts.ts';
import { FleetView } from './fleet-view.ts';
import { ImageArchives } from './image-archives.ts';
import { KindCli } from './kind-cli.ts';
import type { KindPlan } from './kind-plan.ts';
import { MachineRoster } from './machine-roster.ts';
import { MachineVerbs } from './machine-verbs.ts';
import { kindName } from './names.ts';
import type { ReplacementTools } from './replace-machine.ts';

export interface KindFleetOptions {
  readonly plan: KindPlan;
  /** Where archives of images are kept. */
  readonly imageDirectory: string;
  readonly log: (text: string) => void;
  /** Aborts when the cluster goes down. */
  readonly signal: AbortSignal;
}

/** What everything needs that acts on the machines of one cluster. */
export interface FleetParts {
  readonly plan: KindPlan;
  readonly engine: ContainerEngine;
  readonly roster: MachineRoster;
  readonly verbs: MachineVerbs;
  readonly view: FleetView;
  readonly images: ImageArchives;
  readonly powerCuts: PowerCuts;
  readonly tools: ReplacementTools;
  readonly log: (text: string) => void;
}

export function fleetParts({ plan, imageDirectory, log, signal }: KindFleetOptions): FleetParts {
  const { spec, kindPath, seed } = plan;
  const kindCluster = kindName(spec.name);
  const cli = new KindCli(kindPath, plan.engine.name);
  const engine = new ContainerEngine(plan.engine.name);
  const roster = new MachineRoster(spec);
  const verbs = new MachineVerbs(engine, log);
  const powerCuts = new PowerCuts(spec.machineProfile, createRng(seed));
  return {
    plan,
    engine,
    roster,
    verbs,
    powerCuts,
    log,
    view: new FleetView({
      engine,
      kindCluster,
      machines: roster.machines,
      // It may have lost its power by somebody else's hand.
      onSeen: (machine, seen) => seen.power === 'off' && powerCuts.cut(machine),
      log,
    }),
    images: new ImageArchives(imageDirectory, (archive, nodes) =>
      cli.loadArchive(kindCluster, archive, nodes),
    ),
    tools: { engine, verbs, cluster: spec.name, controlPlane: roster.controlPlane, signal },
  };
}
