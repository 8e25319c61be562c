import { parseAllDocuments, stringify } from 'yaml';
import { FiredrillError } from '../../../harness/core/errors.ts';

/** kubeadm's configuration on every node of kind's. */
export const KUBEADM_FILE = '/kind/kubeadm.conf';

type Argument = { readonly name: string; readonly value: string };

interface JoinConfiguration {
  readonly kind: string;
  readonly nodeRegistration?: {
    /** A list from kubeadm's v1beta4 on, a map before. */
    readonly kubeletExtraArgs?: readonly Argument[] | Readonly<Record<string, string>>;
  };
  readonly discovery?: { readonly bootstrapToken?: Readonly<Record<string, unknown>> };
}

/** What a machine that joins has of its own; everything else it has like the one in whose place it comes. */
interface JoiningMachine {
  readonly address: string;
  /** e.g. `kind://docker/fd-drill/fd-drill-worker5`. */
  readonly providerId: string;
  /** A fresh one: that of the cluster's start has expired after a day. */
  readonly token: string;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/**
 * The configuration with which a new machine joins, made of the one of the machine that it replaces: with the same
 * labels.
 * @throws FiredrillError `kind.no-join-configuration`
 */
export function joinConfiguration(before: string, machine: JoiningMachine): string {
  const documents = parseAllDocuments(before).map((document) => document.toJS() as JoinConfiguration | null);
  const join = documents.find((document) => document?.kind === 'JoinConfiguration');
  if (join?.nodeRegistration === undefined || join.discovery?.bootstrapToken === undefined) {
    throw new FiredrillError(
      'kind.no-join-configuration',
      `${KUBEADM_FILE} of the node has no JoinConfiguration with a bootstrap token`,
      { hint: 'the node image is not one that kind can use' },
    );
  }
  const own = { 'node-ip': machine.address, 'provider-id': machine.providerId };
  const { nodeRegistration, discovery } = join;
  return stringify({
    ...join,
    nodeRegistration: {
      ...nodeRegistration,
      kubeletExtraArgs: withArguments(nodeRegistration.kubeletExtraArgs ?? [], own),
      ...(machine.taints.length === 0 ? {} : { taints: machine.taints }),
    },
    discovery: { ...discovery, bootstrapToken: { ...discovery.bootstrapToken, token: machine.token } },
  });
}

function withArguments(
  before: readonly Argument[] | Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>,
): unknown {
  if (!isList(before)) return { ...before, ...changed };
  return [
    ...before.filter(({ name }) => !Object.hasOwn(changed, name)),
    ...Object.entries(changed).map(([name, value]) => ({ name, value })),
  ];
}

function isList(args: readonly Argument[] | Readonly<Record<string, string>>): args is readonly Argument[] {
  return Array.isArray(args);
}
