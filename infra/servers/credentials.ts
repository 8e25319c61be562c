type TestcontainersRuntime = typeof import('testcontainers/build/container-runtime/index.js');
type Credentials = Awaited<ReturnType<TestcontainersRuntime['getAuthConfig']>>;

/**
 * What the user's Docker configuration has for the registry of an image: a password, or a helper that is asked for one. The
 * engine knows nothing of it; whoever asks it to pull has to say.
 */
export async function credentialsFor(reference: string, indexServer: string): Promise<Credentials> {
  const { getAuthConfig, ImageName } = await import('testcontainers/build/container-runtime/index.js');
  return await getAuthConfig(ImageName.fromString(reference).registry ?? indexServer);
}
