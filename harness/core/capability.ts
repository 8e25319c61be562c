/** What a cluster may be able to do; asked with `cluster.can(...)`, never guessed from the provider's name. */
export const CAPABILITIES = [
  'node.power',
  'node.freeze',
  'node.cable',
  'node.replace',
  'images.load',
  'audit.log',
  'storage.shared',
  'networkpolicy.enforced',
] as const;
export type Capability = (typeof CAPABILITIES)[number];
