/**
 * An image as data: files of this machine at paths of the image. The same definition becomes an OCI archive here
 * and a Dockerfile where an engine builds.
 */
export interface ImageDefinition {
  /** e.g. `firedrill.local/healer`; the tag is the digest of the content, set by the builder. */
  readonly name: string;
  readonly layers: readonly ImageLayer[];
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user?: string;
}

/** One layer; layers shared between images (Node itself) have the same content and are built and sent once. */
export interface ImageLayer {
  readonly id: string;
  readonly files: readonly ImageFile[];
}

export interface ImageFile {
  /** Absolute path in the image. */
  readonly path: string;
  /** Permission bits; absent: 0755 for directories and for what the owner may execute here, otherwise 0644. */
  readonly mode?: number;
  readonly from: ImageContent;
}

/** One TypeScript program, which becomes one file with all of its imports when its image is built. */
export interface ServiceSource {
  /** The program's first file: a path or a `file:` URL. Where a package ships compiled sources, `main.ts` finds `main.js`. */
  readonly entry: string | URL;
  /** The npm packages that may come along; one more is an error, so that nothing heavy slips into an image. */
  readonly packages: readonly string[];
}

/** A file of this machine (its content now, links followed), a program, bytes, an empty directory, or a symbolic link. */
type ImageContent =
  | { readonly file: string }
  | { readonly service: ServiceSource }
  | { readonly bytes: Uint8Array }
  | { readonly directory: true }
  | { readonly link: string };

/** A built image: an OCI archive on disk, named by its content. */
export interface BuiltImage {
  /** `name:tag` with a tag that is a function of the content, so that `imagePullPolicy: Never` pods find it. */
  readonly reference: string;
  /** `sha256:...` of the manifest. */
  readonly digest: string;
  /**
   * Path of the OCI archive (a tar that `ctr images import` takes). Images built together share one archive, in which
   * a common layer exists once: import each distinct archive once.
   */
  readonly archive: string;
}
