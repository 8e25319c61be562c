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

/** One layer; layers shared between images (Node itself) are the same value and built once. */
export interface ImageLayer {
  readonly id: string;
  readonly files: readonly ImageFile[];
}

export interface ImageFile {
  /** Absolute path in the image. */
  readonly path: string;
  readonly mode?: number;
  /** The content: a file of this machine, or bytes. */
  readonly from: { readonly file: string } | { readonly bytes: Uint8Array };
}

/** A built image: an OCI archive on disk, named by its content. */
export interface BuiltImage {
  /** `name:tag` with a tag that is a function of the content, so that `imagePullPolicy: Never` pods find it. */
  readonly reference: string;
  /** `sha256:...` of the manifest. */
  readonly digest: string;
  /** Path of the OCI archive (a tar that `ctr images import` takes). */
  readonly archive: string;
  readonly sizeBytes: number;
}
