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

/** The healer's image: Node itself, the program, prom-client. */
export function healerImage(): ImageDefinition {
  return nodeServiceImage(HEALER_SERVICE);
}
