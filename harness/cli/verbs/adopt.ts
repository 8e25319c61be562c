import { readFileSync } from 'node:fs';
import { allowedNow, type AllowedNow } from '../../../infra/borrowed/allowed.ts';
import {
  permissionOf,
  policyTextOf,
  removeAdoption,
  writeAdoption,
} from '../../../infra/borrowed/permission.ts';
import { reach, type ReachedCluster } from '../../../infra/providers/existing/reach.ts';
import { existingSettings } from '../../../infra/providers/existing/settings.ts';
import { FiredrillError, messageOf } from '../../core/errors.ts';
import { COMMANDS } from '../../core/installation.ts';
import { describeWindow } from '../../core/owner/calendar.ts';
import { parsePolicy } from '../../core/owner/policy.ts';
import { EVERYTHING, type AllowedTargets } from '../../core/owner/permission.ts';
import { parseSelector } from '../../core/selectors.ts';
import { given } from '../../core/given.ts';
import { shellWord } from '../../core/shell-word.ts';
import { optionsOf, print, type Verb, type VerbContext } from './verb.ts';

const IS_NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The word of a cluster's owner that it may be broken, and what of it. */
export const adopt: Verb = {
  name: 'adopt',
  summary: 'allow drills on a cluster that runs already, and say what may be hit',
  help: `firedrill adopt --context NAME [--kubeconfig PATH] [--namespaces A,B] [--nodes SELECTOR]
                [--policy FILE] [--confirm UID] [--json]
firedrill adopt --context NAME --remove [--json]

  --context     which cluster; FIREDRILL_CONTEXT says the same
  --kubeconfig  where the context is described (default: where kubectl looks)
  --namespaces  whose pods may be hit; '*' is all but those of Kubernetes itself (default: none)
  --nodes       label selector of the nodes that may be hit; '*' is all but the control plane (default: none)
  --policy      YAML file of what is asked of everybody who drills there: times in which nothing may be injected, conditions that
                end a trial, people of whom one has to approve; 'none' takes it away (default: it stays as it is)
  --confirm     UID of the cluster, as this verb prints it: without it nothing is written
  --remove      take the permission back

What is allowed is written into a ConfigMap of the cluster, and holds for that cluster only. A fault that would hit anything else is
refused before it is injected; a scenario cannot lift that.
`,
  async run(args, context) {
    const { values } = optionsOf(
      'adopt',
      args,
      {
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        namespaces: { type: 'string' },
        nodes: { type: 'string' },
        policy: { type: 'string' },
        confirm: { type: 'string' },
        remove: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      {
        bonds: (['namespaces', 'nodes', 'policy', 'confirm'] as const).map((name) => [
          name,
          'beside',
          'remove',
        ]),
      },
    );
    // To Kubernetes an empty selector is every node; nobody who writes one says that on purpose.
    if (values.nodes?.trim() === '') {
      throw new FiredrillError('adopt.empty-selector', '--nodes is empty', {
        hint: "leave it out for no node; '*' is all but the control plane",
      });
    }
    const newPolicy = values.policy === undefined ? undefined : readPolicyFile(values.policy);
    const settings = existingSettings({
      ...context.env,
      ...given({ FIREDRILL_CONTEXT: values.context, FIREDRILL_KUBECONFIG: values.kubeconfig }),
    });
    const allowed = {
      namespaces: (values.namespaces ?? '').split(/[\s,]+/).filter((name) => name !== ''),
      ...given({ nodes: values.nodes }),
    };
    requireNames(allowed);
    const reached = await reach(settings, context);
    using _kube = reached.kube;
    if (values.remove) return await remove(reached, context, values.json);
    const now = await allowedNow(reached.kube, allowed);
    const policyText = newPolicy ?? (await policyTextOf(reached.kube)) ?? '';
    if (values.confirm !== undefined) await confirm(reached, allowed, policyText, values.confirm);
    const confirmed = values.confirm !== undefined;
    const facts = {
      context: reached.context,
      uid: reached.uid,
      written: confirmed,
      allowed,
      now,
      policy: policyText,
    };
    const lines = confirmed ? [] : await stepsLeft(reached, args);
    print(context, values.json, facts, [
      ...describe(reached, now, confirmed),
      ...describePolicy(policyText),
      ...lines,
    ]);
    return 0;
  },
};

/** @throws FiredrillError `cli.bad-value` for what no namespace can be called, `kube.bad-selector` */
function requireNames({ namespaces, nodes = EVERYTHING }: AllowedTargets): void {
  const bad = namespaces.filter((name) => name !== EVERYTHING && !IS_NAMESPACE.test(name));
  if (bad.length > 0)
    throw new FiredrillError('cli.bad-value', `--namespaces: no namespace can be called ${bad.join(', ')}`);
  if (nodes !== EVERYTHING) parseSelector(nodes);
}

/** @throws FiredrillError `adopt.other-cluster`, `adopt.nothing-allowed` */
async function confirm(
  reached: ReachedCluster,
  allowed: AllowedTargets,
  policyText: string,
  uid: string,
): Promise<void> {
  if (uid !== reached.uid) {
    throw new FiredrillError(
      'adopt.other-cluster',
      `the context ${reached.context} leads to the cluster ${reached.uid}, not to ${uid}`,
      { hint: 'is this the right context? Without --confirm this verb changes nothing' },
    );
  }
  if (allowed.namespaces.length === 0 && allowed.nodes === undefined) {
    throw new FiredrillError('adopt.nothing-allowed', 'neither namespaces nor nodes are allowed to be hit', {
      hint: "name them: --namespaces shop,search or --nodes pool=drill; '*' is everything but Kubernetes itself",
    });
  }
  await writeAdoption(reached, allowed, policyText === '' ? undefined : policyText);
}

/**
 * The text of a policy, read as a run would read it: what is not understood never gets into a permission.
 * @throws FiredrillError `adopt.no-policy`, `policy.malformed`
 */
function readPolicyFile(path: string): string {
  if (path === 'none') return '';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FiredrillError('adopt.no-policy', `--policy ${path}: ${messageOf(cause)}`, {
      cause,
      hint: "a YAML file is wanted, or 'none'",
    });
  }
  parsePolicy(text);
  return text;
}

function describePolicy(text: string): string[] {
  const { freeze, stop, approvers } = parsePolicy(text);
  const some = (items: readonly string[]): string => items.join('; ') || 'none';
  return [
    `  freeze windows: ${some(freeze.map(describeWindow))}`,
    `  stop conditions: ${some(stop.map(({ name }) => name))}`,
    `  second person: ${approvers === undefined ? 'not asked for' : approvers.map(({ user }) => user).join(' or ')}`,
  ];
}

async function remove(reached: ReachedCluster, context: VerbContext, asJson: boolean): Promise<number> {
  const removed = await removeAdoption(reached);
  const { context: name, uid } = reached;
  print(context, asJson, { context: name, uid, removed }, [
    removed ? `${name} is no longer adopted` : `${name} was not adopted`,
  ]);
  return 0;
}

function describe(
  { context, uid, kubernetesVersion }: ReachedCluster,
  now: AllowedNow,
  written: boolean,
): string[] {
  const may = written ? 'may be hit' : 'would be allowed';
  return [
    `${context}: Kubernetes ${kubernetesVersion}, UID ${uid}`,
    `  pods ${may} in ${now.namespaces.length} of ${now.namespaceCount} namespaces: ${now.namespaces.join(', ') || 'none'}`,
    ...(now.absent.length === 0 ? [] : [`  not there yet: ${now.absent.join(', ')}`]),
    `  nodes ${may}, ${now.nodes.length} of ${now.nodeCount}: ${now.nodes.join(', ') || 'none'}`,
    "  a scenario may bring our healer for its trial: it treats these nodes and no others, with production's budgets",
  ];
}

async function stepsLeft({ kube, uid }: ReachedCluster, args: readonly string[]): Promise<readonly string[]> {
  const before = await permissionOf(kube, uid);
  const present = before.granted && before.allowed !== undefined ? before.allowed : undefined;
  const state =
    present === undefined
      ? 'it is not adopted'
      : `it is adopted: namespaces ${present.namespaces.join(', ') || 'none'}, nodes ${present.nodes ?? 'none'}`;
  const words = args.filter((word) => word !== '--json').map(shellWord);
  return [
    `  ${state}; nothing was written`,
    `  if this is the cluster that is meant: ${COMMANDS.firedrill} adopt ${words.join(' ')} --confirm ${uid}`,
  ];
}
