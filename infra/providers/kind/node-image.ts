import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import { pullImage, type PullOptions } from '../../engine/pull-image.ts';

/**
 * Has the engine pull a node image that it does not have. kind would do that, too, but five times, without a word on how far
 * it is, and when the cluster is half made.
 * @returns whether it was pulled
 * @throws FiredrillError `kind.image-missing`
 */
export async function ensureNodeImage(
  engine: ContainerEngine,
  reference: string,
  options: PullOptions,
): Promise<boolean> {
  if (await engine.hasImage(reference, options.signal)) return false;
  try {
    await pullImage(engine, reference, options);
    return true;
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'engine.not-pulled')
      throw imageMissing(engine.name, reference, messageOf(error), error);
    throw error;
  }
}

/** @param words the engine's own on why it could not pull it */
export function imageMissing(
  engine: string,
  reference: string,
  words: string,
  cause?: unknown,
): FiredrillError {
  const why = words === '' ? '' : `: ${words}`;
  return new FiredrillError(
    'kind.image-missing',
    `the engine does not have the node image ${reference}, and cannot pull it${why}`,
    { cause, hint: nextStep(engine, reference, words) },
  );
}

function nextStep(engine: string, reference: string, words: string): string {
  const registry = registryOf(reference);
  if (/unauthorized|authentication required|no basic auth|denied|forbidden/i.test(words))
    return `${engine} login ${registry}, or see whether there is such an image: a registry may hide that`;
  if (/not found|manifest unknown|name unknown|no such (image|manifest)/i.test(words))
    return `${registry} answers and has no such image: name another one with --node-image (FIREDRILL_NODE_IMAGE)`;
  return `name an image that the engine has with --node-image (FIREDRILL_NODE_IMAGE; ${engine} load takes one from a file), or give it a way to ${registry}`;
}

/** The first part of a name is a registry where it could be a host's. */
function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}
