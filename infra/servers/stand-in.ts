import { binaryImage, buildImage } from '../images/index.ts';
import { ensureTools } from '../toolchain/index.ts';
import type { OnProgress } from '../toolchain/index.ts';
import type { ServerDefinition } from './definition.ts';
import type { Engine } from './engine.ts';

/** Builds the image of a server's stand-in from its program, gives it to the engine, and returns its reference. */
export async function provideStandIn(
  { name, standIn }: ServerDefinition,
  engine: Engine,
  { onProgress, signal }: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const tools = await ensureTools([standIn.tool], {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  const definition = binaryImage({
    name,
    binary: tools[standIn.tool].path,
    ...(standIn.files === undefined ? {} : { extraFiles: standIn.files }),
  });
  const { reference, archive } = await buildImage(definition, signal === undefined ? {} : { signal });
  // The tag is the digest of the content.
  if (!(await engine.hasImage(reference))) await engine.load(archive, signal);
  return reference;
}
