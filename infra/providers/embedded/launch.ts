import type { GoldenDisks } from './golden-disk.ts';
import type { ClusterSoftware, ClusterSpec } from '../../cluster.ts';

/** Programs that a supervisor starts in the hub or gives to its nodes. */
export const HUB_TOOLS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export const NODE_TOOLS = [
  'kubelet',
  'kube-proxy',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'ptp',
  'host-local',
  'loopback',
] as const;
type EmbeddedTool = (typeof HUB_TOOLS)[number] | (typeof NODE_TOOLS)[number];

/** All that a supervisor needs to know, written before it starts: the file spec.json. */
export interface LaunchPlan {
  readonly spec: ClusterSpec;
  /** Absolute path of each program. */
  readonly tools: Readonly<Record<EmbeddedTool, string>>;
  readonly goldenDisks: GoldenDisks;
  /** A file with the objects that each API server of this version makes for itself; may not be there yet. */
  readonly bootstrapObjects: string;
  /** Images on them. */
  readonly images: readonly { readonly reference: string; readonly archive: string }[];
  readonly software: readonly ClusterSoftware[];
  readonly pauseImage: string;
  readonly dnsImage: string;
  /** Seed of the supervisor's own random choices. */
  readonly seed: number;
  /** Port on 127.0.0.1 for the API server; 0 for any. */
  readonly apiPort: number;
}
