/** The processor architectures that the table knows, by Go's names. */
export type Architecture = 'amd64' | 'arm64';

/** A digest that was pinned when the row was written, never fetched from beside the file. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/** An official release file. */
export interface Download {
  /** `{version}` and `{arch}` are filled in. */
  readonly url: string;
  /** An architecture that is absent is not downloadable: an unpinned file is never trusted. */
  readonly checksums: Readonly<Partial<Record<Architecture, Checksum>>>;
  /** `binary`: the file is the one tool of the bundle. */
  readonly format: 'tar.gz' | 'binary';
  /** Path inside the archive of every tool, with the same placeholders; absent for `binary`. */
  readonly members?: Readonly<Record<string, string>>;
}

/** A build from pinned Go modules. */
export interface GoBuild {
  /** Folder under `modules/` that holds the go.mod and go.sum, and perhaps a main.go. */
  readonly module: string;
  /** Go package of every tool. */
  readonly packages: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** `-X` values for the linker: versions that the programs would otherwise report wrongly. */
  readonly stamps?: Readonly<Record<string, string>>;
  /** Packages that a cold build compiles, for the progress. */
  readonly packageCount: number;
  /**
   * How many packages have been named when which share of the time has passed (0 to 1), rising, where packages are no measure
   * of time: the largest come last, since they need the others. Absent: all count alike.
   */
  readonly milestones?: readonly (readonly [packages: number, timeShare: number])[];
  /** Milliseconds of a cold build on two idle cores, for the estimate. */
  readonly estimateMs: number;
}

/** Tools that come together: one release file, or one `go build`. */
export interface Bundle {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly string[];
  /** Absent where nobody publishes such a file: the program is one of ours around a library. */
  readonly download?: Download;
  readonly build: GoBuild;
}

/** Where a binary came from. */
export type ToolSource = 'override' | 'download' | 'build';

/** A program that is ready to run. */
export interface Tool {
  readonly name: string;
  /** Absolute path. Its last part is the tool's name, and the tools of one bundle share a folder. */
  readonly path: string;
  readonly version: string;
  /** `sha256:` and the hex digest of the file. */
  readonly digest: string;
  readonly source: ToolSource;
  /** True where nothing had to be fetched or built in this call. */
  readonly cached: boolean;
}
