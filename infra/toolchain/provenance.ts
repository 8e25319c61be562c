import { given } from '../../harness/core/given.ts';
import type { Release } from './component.ts';

/** What a journal holds of a program. */
export interface Provenance<Source extends string = string> {
  readonly name: string;
  readonly version: string;
  readonly source: Source;
  readonly digest: string;
  readonly release?: Release;
}

/** The part of a program's facts that is the same wherever it stands. */
export function provenanceOf<Source extends string>({
  name,
  version,
  source,
  digest,
  release,
}: Provenance<Source>): Provenance<Source> {
  return { name, version, source, digest, ...given({ release }) };
}
