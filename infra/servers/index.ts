/** The door of this folder: throw-away servers for tests and scenarios, where a container engine answers. */
export type { ServerDefinition } from './definition.ts';
export { engineAbsence } from './open-engine.ts';
export { imageRegistry, type ImageRegistry } from './image-registry.ts';
export { objectStore, type ObjectStore } from './object-store.ts';
export { smtpSink, type SmtpSink, type SunkMail } from './smtp-sink.ts';
export { reapServers } from './reap.ts';
export {
  removeKeptServers,
  startServer,
  type StartServerOptions,
  type StartedServer,
} from './start-server.ts';
