import { binaryImage } from '../images/binary-image.ts';
import type { ImageDefinition } from '../images/definition.ts';
import { nodeServiceImage } from '../images/service-image.ts';
import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { PROBE_NAME } from '../agents/probe/manifest.ts';
import { RECEIVER_NAME } from '../agents/receiver/manifest.ts';
import { ALERTMANAGER, PROMETHEUS } from './names.ts';

/** Programs of ours, which no other monitoring has. */
type AgentComponent = 'receiver' | 'probe';
/** What a cluster with a monitoring of its own has no need of. */
type ServerComponent = 'prometheus' | 'alertmanager' | 'exporter';
/** One of each, e.g. the reference of its image. */
export type PerAgent<T> = Readonly<Record<AgentComponent, T>>;
export type PerServer<T> = Readonly<Record<ServerComponent, T>>;
export type PerComponent<T> = PerAgent<T> & PerServer<T>;

/** Paths of the two programs that are not ours, as the tool chain gave them. */
interface MonitoringBinaries {
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** The images as definitions, to be built and loaded by whoever owns the cluster. */
export function serverImages(binaries: MonitoringBinaries): PerServer<ImageDefinition> {
  return {
    prometheus: binaryImage({ name: PROMETHEUS.name, binary: binaries.prometheus }),
    alertmanager: binaryImage({ name: ALERTMANAGER.name, binary: binaries.alertmanager }),
    exporter: agent(EXPORTER_NAME, 'exporter'),
  };
}

export function agentImages(): PerAgent<ImageDefinition> {
  return { receiver: agent(RECEIVER_NAME, 'receiver'), probe: agent(PROBE_NAME, 'probe') };
}

function agent(name: string, entry: string): ImageDefinition {
  return nodeServiceImage({ name, entry: new URL(`../agents/${entry}/main.ts`, import.meta.url) });
}
