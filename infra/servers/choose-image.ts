import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { binaryImage } from '../images/binary-image.ts';
import { imageCacheDirectory } from '../images/blob-store.ts';
import { buildImage } from '../images/build-image.ts';
import { openToolchain, type OnProgress } from '../toolchain/index.ts';
import type { ServerDefinition } from './definition.ts';

/** The image that a server is made of. */
interface ChosenImage {
  readonly reference: string;
  /** Whether it takes the stand-in's command, or the official program's. */
  readonly isStandIn: boolean;
  /** One line on what was chosen and why. */
  readonly said: string;
}

/** Who can say which images are to be had. */
export interface ImageSource {
  readonly has: (reference: string) => Promise<boolean>;
  /** Rejects by `engine.not-pulled` where it cannot be pulled. */
  readonly pull: (reference: string) => Promise<void>;
  /** Builds the stand-in, gives it to the engine, and returns its reference. */
  readonly build: () => Promise<string>;
}

/** The word that stands for the stand-in in place of an image's name. */
const BUILD = 'build';
const LOADED_WITHIN_MS = patient(120_000);

/** `smtp-sink` is overridden by FIREDRILL_SERVER_IMAGE_SMTP_SINK. */
export function imageVariable(server: string): string {
  return `FIREDRILL_SERVER_IMAGE_${server.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * The image of a server: what the environment names; else the official one, where the engine has it or can pull it; else one
 * that is built here.
 *
 * @throws FiredrillError `servers.image-missing` where what the environment names is not to be had
 */
export async function chooseImage(
  { name, official }: ServerDefinition,
  env: NodeJS.ProcessEnv,
  source: ImageSource,
): Promise<ChosenImage> {
  const variable = imageVariable(name);
  const named = env[variable] ?? '';
  if (named === BUILD) return standIn(`${variable}=${BUILD}`);
  const reference = named === '' ? official.image : named;
  const from = named === '' ? '' : `, named by ${variable}`;
  const taken = (how: string): ChosenImage => ({
    reference,
    isStandIn: false,
    said: `${name}: ${reference}, ${how}${from}`,
  });
  if (await source.has(reference)) return taken('which the engine has');
  try {
    await source.pull(reference);
    return taken('pulled');
  } catch (error) {
    if (!(error instanceof FiredrillError) || error.code !== 'engine.not-pulled') throw error;
    const why = error.message;
    if (named === '') return standIn(`${reference} cannot be pulled: ${why}`);
    throw new FiredrillError('servers.image-missing', `${variable}=${named} cannot be pulled: ${why}`, {
      hint: `name an image that the engine has or can pull, or "${BUILD}", or unset ${variable}`,
      cause: error,
    });
  }

  async function standIn(why: string): Promise<ChosenImage> {
    const built = await source.build();
    return { reference: built, isStandIn: true, said: `${name}: ${built}, built here (${why})` };
  }
}

/** Builds the image of a server's stand-in from its program, gives it to the engine, and returns its reference. */
export async function provideStandIn(
  { name, standIn }: ServerDefinition,
  engine: ContainerEngine,
  { onProgress, signal }: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const tools = await openToolchain(engine.env).ensure([standIn.tool], { onProgress, signal });
  const definition = binaryImage({
    name,
    binary: tools[standIn.tool].path,
    ...given({ extraFiles: standIn.files }),
  });
  const { reference, archive } = await buildImage(
    definition,
    imageCacheDirectory(engine.env),
    given({ signal }),
  );
  // The tag is the digest of the content.
  if (!(await engine.hasImage(reference)))
    await engine.call(['load', '--input', archive], { withinMs: LOADED_WITHIN_MS, signal });
  return reference;
}
