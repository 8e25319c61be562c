/** The processor architectures that the table knows, by Go's names. */
export type Architecture = 'amd64' | 'arm64';

/** A file that a publisher releases. */
export interface ReleaseFile {
  /** `{version}` and `{arch}` are filled in. */
  readonly url: string;
  /** SHA-256 in hex, pinned when the row was written: never fetched from beside the file. */
  readonly checksums: Readonly<Partial<Record<Architecture, string>>>;
  /** Where the publisher lists SHA-256 sums, for an architecture that has none above. Absent: what is not pinned is not downloaded. */
  readonly checksumUrl?: string;
  /** The tool that the file is, or the path of each tool inside of an archive (tar.gz), with the same placeholders. */
  readonly holds: string | Readonly<Record<string, string>>;
}

/** The release file that a tool came out of. */
export interface Release {
  /** As it was asked for, without a password. */
  readonly url: string;
  /** `sha256:` and the hex digest of the file. */
  readonly digest: string;
  /** What the digest was compared with: our table, or the publisher's list, fetched beside the file over TLS. */
  readonly verifiedBy: 'table' | 'publisher';
}

/** A build from pinned Go modules. */
export interface GoBuild {
  /** Folder under `modules/` that holds the go.mod and go.sum, and perhaps a main.go. */
  readonly module: string;
  /** Go package of every tool. The same one for all: a single program under several names, which looks by which it is called. */
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

/** Tools that come together: out of the same release files, or of one `go build`. */
export interface Bundle {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly string[];
  /** Absent where nobody publishes such files: the program is one of ours around a library. */
  readonly download?: readonly ReleaseFile[];
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
  /** Of one that was downloaded. */
  readonly release?: Release;
  /** True where nothing had to be fetched or built in this call. */
  readonly cached: boolean;
}
