import { FiredrillError } from '../harness/core/errors.ts';
import type { ClusterProvider } from './cluster.ts';
import { embeddedProvider } from './providers/embedded/provider.ts';
import { existingProvider } from './providers/existing/provider.ts';
import { kindProvider } from './providers/kind/provider.ts';
import type { Unclaimed } from './unclaimed.ts';

/** In the order of preference: the same command should mean the same thing on the next machine. */
export function providersOf(env: NodeJS.ProcessEnv): readonly ClusterProvider[] {
  return [embeddedProvider(env), kindProvider(env), existingProvider(env)];
}

/** A provider and what was found about it. */
interface ProviderAnswer {
  readonly provider: string;
  readonly applies: boolean;
  /** Why it does not. */
  readonly reasons: readonly string[];
}

/** Asks every provider whether it can work here. */
export async function askProviders(providers: readonly ClusterProvider[]): Promise<ProviderAnswer[]> {
  return Promise.all(
    providers.map(async (provider) => {
      const answer = await provider.applies();
      return { provider: provider.name, applies: answer.yes, reasons: answer.yes ? [] : answer.reasons };
    }),
  );
}

/**
 * The provider of a name.
 * @throws FiredrillError `provider.unknown`
 */
export function providerNamed(wanted: string, providers: readonly ClusterProvider[]): ClusterProvider {
  const found = providers.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new FiredrillError('provider.unknown', `there is no provider ${JSON.stringify(wanted)}`, {
    hint: `--provider takes ${providers.map(({ name }) => name).join(', ')}`,
  });
}

/**
 * The provider that was asked for, or else the first that can work here and makes clusters of its own.
 * @throws FiredrillError `provider.unknown`, `provider.not-here`, `provider.none`
 */
export async function chooseProvider(
  wanted: string | undefined,
  providers: readonly ClusterProvider[],
): Promise<ClusterProvider> {
  if (wanted !== undefined) {
    const asked = providerNamed(wanted, providers);
    // Attaching says what is wrong with the very cluster that was named.
    if (asked.onlyWhenAsked === true) return asked;
  }
  const candidates = providers.filter(({ name, onlyWhenAsked }) =>
    wanted === undefined ? onlyWhenAsked !== true : name === wanted,
  );
  const answers: ProviderAnswer[] = [];
  // One after the other: where the first can be had, nobody waits for an engine that does not answer.
  for (const provider of candidates) {
    const [answer] = await askProviders([provider]);
    if (answer?.applies === true) return provider;
    if (answer !== undefined) answers.push(answer);
  }
  const others = providers.filter(({ onlyWhenAsked }) => wanted === undefined && onlyWhenAsked === true);
  const reasons = answers.map((answer) => `${answer.provider}: ${answer.reasons.join('; ')}`).join(' | ');
  throw new FiredrillError(
    wanted === undefined ? 'provider.none' : 'provider.not-here',
    `no cluster can be made here: ${reasons}`,
    {
      hint: [
        'firedrill doctor lists every check',
        ...others.map(({ name }) => `--provider ${name} takes a cluster that runs already, wherever that is`),
      ].join('; '),
    },
  );
}

/** Names of the clusters that providers have made here, those that are starting or have failed among them. */
export async function madeClusters(providers: readonly ClusterProvider[]): Promise<readonly string[]> {
  const lists = await Promise.all(makers(providers).map((provider) => provider.list()));
  return lists.flat();
}

/**
 * The provider that has made a cluster.
 * @param unclaimed The clusters that none of these providers has made
 * @throws FiredrillError `cluster.unknown`, `provider.unknown`
 */
export async function providerOf(
  name: string,
  providers: readonly ClusterProvider[],
  unclaimed: readonly Unclaimed[],
): Promise<ClusterProvider> {
  for (const provider of makers(providers)) if ((await provider.list()).includes(name)) return provider;
  const other = unclaimed.find(({ cluster }) => cluster === name);
  if (other !== undefined) throw other.problem;
  const names = await madeClusters(providers);
  throw new FiredrillError('cluster.unknown', `no cluster ${name} is up`, {
    hint: names.length > 0 ? `these are up: ${names.join(', ')}` : `firedrill up --name ${name} makes one`,
  });
}

function makers(providers: readonly ClusterProvider[]): readonly ClusterProvider[] {
  return providers.filter(({ onlyWhenAsked }) => onlyWhenAsked !== true);
}
