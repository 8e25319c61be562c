import type { Cluster, ClusterProvider } from '../../cluster.ts';

/** How the contract gets clusters of one provider. */
export interface ProviderFixture {
  readonly provider: ClusterProvider;
  /** Makes, or finds, a cluster with two nodes that take pods; `name` is used where the provider may choose. */
  bringUp(name: string, signal: AbortSignal): Promise<Standing>;
}

/** One cluster that stands. */
export interface Standing extends AsyncDisposable {
  /** What the provider calls it. */
  readonly name: string;
  /** Attaches to it as any other process would. */
  attach(): Promise<Cluster>;
}
