import type { GenericContainer } from 'testcontainers';
import type { ContainerSpec, ServerDefinition } from './definition.ts';

const STARTS_WITHIN_MS = 30_000;
/** Programs run without rights: everyone may write there, as in `/tmp`. */
const SCRATCH_OPTIONS = 'rw,mode=1777';

/** The container of a server as testcontainers wants it told. */
export async function buildContainer(
  { ports, ready }: ServerDefinition,
  spec: ContainerSpec,
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): Promise<GenericContainer> {
  const { GenericContainer, PullPolicy, Wait } = await import('testcontainers');
  const answers = Wait.forHttp(ready.path, ports[ready.port] ?? 0, { abortOnContainerExit: true });
  const container = new GenericContainer(spec.image)
    .withName(name)
    .withLabels({ ...labels })
    .withEnvironment({ ...spec.env })
    .withExposedPorts(...spec.ports)
    .withTmpFs(Object.fromEntries(spec.scratch.map((folder) => [folder, SCRATCH_OPTIONS])))
    // That was settled before.
    .withPullPolicy(PullPolicy.neverPull())
    .withStartupTimeout(STARTS_WITHIN_MS)
    .withWaitStrategy(
      answers.forStatusCodeMatching((status) => ready.status === undefined || status === ready.status),
    );
  if (spec.command.length > 0) container.withCommand([...spec.command]);
  if (spec.network !== undefined) container.withNetworkMode(spec.network);
  return container;
}
