/** Where an API server is and how to prove who we are. PEM texts, not paths. */
export interface KubeTarget {
  /** e.g. `https://127.0.0.1:41234` */
  readonly server: string;
  readonly caPem?: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  /** Read again for each request: a service account's token file is renewed by the kubelet. */
  readonly token?: () => string;
  /**
   * Awaited before each request where it exists: fetches a new token when the present one has run out.
   * Resolves at once otherwise.
   */
  readonly refresh?: () => Promise<void>;
  readonly serverName?: string;
  /** Does not verify the server's certificate; only for a kubeconfig that says so itself. */
  readonly skipTlsVerify?: boolean;
  /** An HTTP proxy on the way there, as `http://HOST:PORT`. */
  readonly proxy?: string;
  /** `kubectl proxy` listens there, to which the server's path and all credentials are known; requests take no other way. */
  readonly socketPath?: string;
}
