import { binaryImage } from '../images/binary-image.ts';
import type { ImageDefinition } from '../images/definition.ts';
import { nodeServiceImage } from '../images/service-image.ts';
import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { PROBE_NAME } from '../agents/probe/manifest.ts';
import { RECEIVER_NAME } from '../agents/receiver/manifest.ts';
import { ALERTMANAGER, PROMETHEUS } from './names.ts';

/** What monitoring and probing run. */
export type MonitoringComponent = 'prometheus' | 'alertmanager' | 'exporter' | 'receiver' | 'probe';
/** One of each, e.g. the reference of its image. */
export type PerComponent<T> = Readonly<Record<MonitoringComponent, T>>;

/** Paths of the two programs that are not ours, as the tool chain gave them. */
export interface MonitoringBinaries {
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** The images as definitions, to be built and loaded by whoever owns the cluster. */
export function imagesOf(binaries: MonitoringBinaries): PerComponent<ImageDefinition> {
  const agent = (name: string, entry: string): ImageDefinition =>
    nodeServiceImage({ name, entry: new URL(`../agents/${entry}/main.ts`, import.meta.url) });
  return {
    prometheus: binaryImage({ name: PROMETHEUS.name, binary: binaries.prometheus }),
    alertmanager: binaryImage({ name: ALERTMANAGER.name, binary: binaries.alertmanager }),
    exporter: agent(EXPORTER_NAME, 'exporter'),
    receiver: agent(RECEIVER_NAME, 'receiver'),
    probe: agent(PROBE_NAME, 'probe'),
  };
}
