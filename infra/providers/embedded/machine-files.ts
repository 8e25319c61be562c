import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskFactory } from './disk.ts';
import {
  cniConfig,
  containerdConfig,
  kubeProxyConfig,
  kubeletConfig,
  type NodeConfigInput,
} from './node-config.ts';

interface MachineFiles {
  /** The machine's own directory below the cluster's state. */
  readonly directory: string;
  readonly config: NodeConfigInput;
  /** Files of the node's configuration that the cluster's authority makes: certificates and kubeconfigs. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly disks: DiskFactory;
}

/** Writes the configuration of a machine and makes its disk. Needs neither network nor API server. */
export async function writeMachineFiles(machine: MachineFiles): Promise<void> {
  const { directory, config, credentials, disks } = machine;
  const folder = join(directory, 'config');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(join(directory, 'logs'), { recursive: true });
  const files = {
    'kubelet.yaml': kubeletConfig(config),
    'kube-proxy.yaml': kubeProxyConfig(),
    'containerd.toml': containerdConfig(config),
    'cni.conflist': cniConfig(config.ordinal),
    ...credentials,
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  await disks.create(join(directory, 'disk.img'));
}
