import type { Cluster, ClusterProvider, ClusterSpec } from '../../cluster.ts';
import { ownIdentity } from '../../process/identity.ts';

/** How the contract gets clusters of one provider. */
export interface ProviderFixture {
  readonly provider: ClusterProvider;
  /** Makes, or finds, a cluster with two nodes that take pods; `name` is used where the provider may choose. */
  bringUp(name: string, signal: AbortSignal): Promise<StandingCluster>;
}

/** One cluster that stands. */
export interface StandingCluster extends AsyncDisposable {
  /** What the provider calls it. */
  readonly name: string;
  /** The environment in which another process finds it. */
  readonly env: NodeJS.ProcessEnv;
  /** Attaches to it as any other process would. */
  attach(): Promise<Cluster>;
}

/** Two nodes, and nothing on them; it ends with this process. */
export function contractSpec(name: string): ClusterSpec {
  return {
    name,
    workers: 2,
    zones: 2,
    infraNodes: 0,
    machineProfile: 'bmc',
    environment: 'test',
    owner: ownIdentity(),
  };
}
