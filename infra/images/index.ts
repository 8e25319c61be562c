/** The door of this folder: definitions in, archives that a container runtime imports out. */
export {
  binaryImage,
  staticImage,
  type BinaryImageOptions,
  type StaticImageOptions,
} from './binary-image.ts';
export { buildImage, buildImages, importStream, type BuildOptions } from './build-image.ts';
export { imageCacheDirectory } from './blob-store.ts';
export type { BuiltImage, ImageContent, ImageDefinition, ImageFile, ImageLayer } from './definition.ts';
export { nodeBaseImage, nodeLayer } from './node-layer.ts';
export { pauseImage } from './pause.ts';
export { nodeServiceImage, type NodeServiceOptions } from './service-image.ts';
