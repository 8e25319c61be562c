import type { ImageDefinition } from '../../infra/images/definition.ts';

/** What the healer's image is made of, for the builder of service images. */
export const HEALER_SERVICE = {
  name: 'healer',
  entry: new URL('../main.ts', import.meta.url),
  packages: ['prom-client'],
  // With a thousand nodes the default lets the heap grow to three times what is in use.
  nodeOptions: ['--max-semi-space-size=4'],
} as const;

/** Builds a service image's definition; infra/images has the one that is meant. */
type ServiceImage = (service: {
  readonly name: string;
  readonly entry: URL;
  readonly packages: readonly string[];
  readonly nodeOptions: readonly string[];
}) => ImageDefinition;

/** The healer's image: Node itself, the program, prom-client. */
export function imageDefinition(serviceImage: ServiceImage): ImageDefinition {
  return serviceImage(HEALER_SERVICE);
}
