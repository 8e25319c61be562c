import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { whoAmI } from '../../../infra/borrowed/rights.ts';
import { permissionOf } from '../../../infra/borrowed/permission.ts';
import { reach } from '../../../infra/providers/existing/reach.ts';
import { existingSettings } from '../../../infra/providers/existing/settings.ts';
import { planDigest, publicKeyOf, signApproval, type Plan } from '../../core/owner/approval.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import { FiredrillError, messageOf } from '../../core/errors.ts';
import { COMMANDS } from '../../core/installation.ts';
import { USUAL_APPROVALS, type ApprovalLimits, type Approver } from '../../core/owner/policy.ts';
import type { AllowedTargets } from '../../core/owner/permission.ts';
import { given } from '../../core/given.ts';
import { listScenarios } from '../../run/list-scenarios.ts';
import { planOf } from '../../run/plan.ts';
import { projectIn } from '../../run/project.ts';
import { parseTestArguments, type TestArguments } from '../../run/test-arguments.ts';
import { optionsOf, print, type Verb, type VerbContext } from './verb.ts';

const VALID_FOR = '8h';

/** The word of a second person for one run. */
export const approve: Verb = {
  name: 'approve',
  summary: "agree to somebody else's run on a cluster whose owner asks for that",
  help: `firedrill approve --key FILE [--for ${VALID_FOR}] [--out FILE] [--json] -- ARGUMENTS OF THE RUN
firedrill approve --new-key FILE [--json]

  --key      your private key (Ed25519, PEM)
  --for      how long the approval is good (default: ${VALID_FOR}, or what the owner allows)
  --out      where it is written (default: it is printed)
  --new-key  make a key, write it there, and print the public half for the owner's policy

After -- stands what the other person gives to ${COMMANDS.test}: scenarios, --seed, --provider, --context and all other options. The same
scenarios and the same version have to lie here: what is signed is what they would do. A refused run prints the whole line.
`,
  async run(args, context) {
    const split = args.includes('--') ? args.indexOf('--') : args.length;
    const { values } = optionsOf(
      'approve',
      args.slice(0, split),
      {
        key: { type: 'string' },
        for: { type: 'string' },
        out: { type: 'string' },
        'new-key': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      { bonds: (['key', 'for', 'out'] as const).map((name) => [name, 'beside', 'new-key']) },
    );
    if (values['new-key'] !== undefined) return makeKey(values['new-key'], values.json, context);
    if (values.key === undefined)
      throw new FiredrillError('approve.no-key', '--key FILE says who approves', {
        hint: `${COMMANDS.firedrill} approve --new-key FILE makes one`,
      });
    const key = readKey(values.key);
    const run = parseTestArguments(args.slice(split + 1));
    const asked = values.for ?? VALID_FOR;
    const askedMs = parseDuration(asked, '--for');
    const { clusterUid, approver, plan, limits } = await planned(run, publicKeyOf(key), context);
    const validForMs = values.for === undefined ? Math.min(askedMs, limits.longestMs) : askedMs;
    if (validForMs > limits.longestMs)
      throw new FiredrillError(
        'approve.too-long',
        `--for ${asked}: this cluster's owner lets an approval be good for ${formatDuration(limits.longestMs)} at most`,
        { hint: 'nothing was signed' },
      );
    const approvedAtWallMs = Date.now();
    const expiresAtWallMs = approvedAtWallMs + validForMs;
    const times = { approvedAtWallMs, expiresAtWallMs };
    const facts = { schema: 2, plan, clusterUid, ...times, approver: approver.user } as const;
    const approval = signApproval(facts, key);
    if (values.out !== undefined) writeFileSync(values.out, `${approval}\n`);
    const until = new Date(expiresAtWallMs).toISOString();
    print(context, values.json, { ...facts, digest: planDigest(plan), approval }, [
      `${approver.user} agrees, until ${until}, to ${limits.uses === 1 ? 'one run' : `${limits.uses} runs`}, on the cluster ${clusterUid}, of the plan ${planDigest(plan)}:`,
      ...Object.entries(plan).map(([part, text]) => `  ${part}: ${text.replaceAll('\n', '; ') || '(none)'}`),
      values.out === undefined
        ? approval
        : `  written to ${values.out}; the run takes it with --approval FILE`,
    ]);
    return 0;
  },
};

interface Planned {
  readonly clusterUid: string;
  readonly approver: Approver;
  readonly plan: Plan;
  readonly limits: ApprovalLimits;
}

/** @throws FiredrillError `approve.no-seed`, `approve.not-asked`, `approve.not-an-approver`, `approve.other-user`, `approve.too-long` */
async function planned(run: TestArguments, publicKey: string, context: VerbContext): Promise<Planned> {
  const { seed } = run;
  if (seed === undefined)
    throw new FiredrillError('approve.no-seed', 'without --seed nobody knows which targets will be chosen', {
      hint: 'the refused run has printed its seed: give the same one here and there',
    });
  // The scenarios are read with the options of the run.
  const env = { ...context.env, ...run.environment };
  const { clusterUid, approvers, allowed, limits, user } = await clusterOf(env, context);
  const approver = approvers.find(({ key }) => key === publicKey);
  if (approver === undefined)
    throw new FiredrillError(
      'approve.not-an-approver',
      `the key ${publicKey} is none of those of ${approvers.map(({ user }) => user).join(', ')}`,
      { hint: `the owner adds it to the policy: ${COMMANDS.firedrill} adopt --help` },
    );
  // A name in a file proves nothing: whoever runs it is compared by what the cluster says of them, too.
  if (approver.user !== user)
    throw new FiredrillError(
      'approve.other-user',
      `the key is that of ${approver.user}, and to the cluster you are ${user ?? 'nobody'}`,
      {
        hint: 'approve with credentials of your own (--context, --kubeconfig after --); the policy names you as kubectl auth whoami does',
      },
    );
  const project = projectIn(process.cwd(), env);
  const plan = planOf({
    args: run,
    environment: env,
    titles: (await listScenarios(run, project, env, context.signal)).titles,
    scenarioFolder: project.scenarioFolder,
    projectFolder: project.directory,
    seed,
    ...given({ allowed }),
  });
  return { clusterUid, approver, plan, limits };
}

async function clusterOf(
  env: NodeJS.ProcessEnv,
  options: Pick<VerbContext, 'signal' | 'err'>,
): Promise<{
  readonly clusterUid: string;
  readonly approvers: readonly Approver[];
  readonly allowed?: AllowedTargets;
  readonly limits: ApprovalLimits;
  /** Who asks, as the cluster knows them. */
  readonly user: string | undefined;
}> {
  const { kube, uid, context } = await reach(existingSettings(env), options);
  using _kube = kube;
  const permission = await permissionOf(kube, uid);
  if (!permission.granted || permission.policy?.approvers === undefined)
    throw new FiredrillError(
      'approve.not-asked',
      `context ${context}: ${permission.granted ? "its owner's policy asks for no second person" : permission.why}`,
      { hint: 'nothing was signed' },
    );
  const { policy, allowed } = permission;
  return {
    clusterUid: uid,
    approvers: policy.approvers ?? [],
    limits: policy.approvals ?? USUAL_APPROVALS,
    user: await whoAmI(kube),
    ...given({ allowed }),
  };
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FiredrillError('approve.no-key', `--key ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** A key that is there already is not overwritten: it may be the only copy. */
function makeKey(path: string, asJson: boolean, context: VerbContext): number {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    writeFileSync(path, pem, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new FiredrillError('approve.no-place', `--new-key ${path}: ${messageOf(cause)}`, {
      cause,
      hint: existsSync(path)
        ? 'what is there stays: approve with it (--key), or give the new key another name'
        : 'name a file in a folder in which you can write',
    });
  }
  const publicKey = publicKeyOf(pem);
  print(context, asJson, { path, publicKey }, [
    `${path} is written; keep it to yourself. The owner of the cluster puts this into the policy:`,
    `approvers:`,
    `  - { user: YOU, key: ${publicKey} }`,
    `YOU is your name there: kubectl auth whoami`,
  ]);
  return 0;
}
