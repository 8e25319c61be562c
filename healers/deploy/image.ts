import type { ImageDefinition } from '../../infra/images/definition.ts';
import { nodeServiceImage } from '../../infra/images/service-image.ts';

/** What the healer's image is made of. */
export const HEALER_SERVICE = {
  name: 'healer',
  entry: new URL('../main.ts', import.meta.url),
  packages: ['prom-client'],
  // With a thousand nodes the default lets the heap grow to three times what is in use.
  nodeOptions: ['--max-semi-space-size=4'],
} as const;

/** The program of a witness in the healer's image: of its own, so that a witness loads nothing of a healer. */
export const WITNESS_PROGRAM = '/app/witness.cjs';

/** The healer's image: Node itself, the program, prom-client, and the program of a witness. */
export function healerImage(): ImageDefinition {
  const image = nodeServiceImage(HEALER_SERVICE);
  const service = { entry: new URL('../witness/main.ts', import.meta.url), packages: [] };
  const files = [{ path: WITNESS_PROGRAM, mode: 0o644, from: { service } }];
  return { ...image, layers: [...image.layers, { id: 'healer-witness', files }] };
}
