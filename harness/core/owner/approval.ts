import { isRecord } from '../is-record.ts';
import type { ErrorCode } from '../error-codes.ts';
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { FiredrillError, messageOf } from '../errors.ts';
import type { ApprovalLimits, Approver } from './policy.ts';

/** What will be done, as far as it can be known before: each part by its name, as text or as a digest. */
export type Plan = Readonly<Record<string, string>>;

/** What somebody has agreed to. */
export interface ApprovalFacts {
  readonly schema: 2;
  readonly plan: Plan;
  /** UID of the cluster's kube-system namespace. */
  readonly clusterUid: string;
  readonly approvedAtWallMs: number;
  readonly expiresAtWallMs: number;
  /** As the cluster knows them. */
  readonly approver: string;
}

/** A run that needs to be approved. */
export interface ApprovalRequest {
  readonly plan: Plan;
  readonly clusterUid: string;
  readonly wallMs: number;
  /** Who runs it, as the cluster knows them. */
  readonly runner: string;
  readonly approvers: readonly Approver[];
  readonly limits: ApprovalLimits;
}

/** An approval as its uses are counted. */
export interface Spendable {
  /** Of what was signed: the same however the text around it is written. */
  readonly id: string;
  readonly uses: number;
  readonly expiresAtWallMs: number;
}

type ApprovalAnswer =
  | { readonly ok: true; readonly approval: Spendable }
  | { readonly ok: false; readonly code: ErrorCode; readonly why: string };

/** A signature of ours means nothing in any other place. */
const DOMAIN = 'firedrill approval 2\n';

/** One digest for a plan; the order of its parts does not matter. */
export function planDigest(plan: Plan): string {
  const parts = Object.entries(plan).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The approval as one line of text: the facts and the signature, both in base64url. */
export function signApproval(facts: ApprovalFacts, privateKeyPem: string): string {
  const text = Buffer.from(JSON.stringify(facts)).toString('base64url');
  const signature = sign(null, Buffer.from(DOMAIN + text), privateKey(privateKeyPem));
  return `${text}.${signature.toString('base64url')}`;
}

/** The public half, as it stands in a policy. */
export function publicKeyOf(privateKeyPem: string): string {
  const key = createPublicKey(privateKey(privateKeyPem));
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** @throws FiredrillError `approval.bad-key` */
function privateKey(pem: string) {
  let problem = 'it is of another kind';
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    problem = messageOf(error);
  }
  throw new FiredrillError('approval.bad-key', `this is no Ed25519 private key: ${problem}`, {
    hint: 'firedrill approve --new-key FILE makes one',
  });
}

/** Whether this approval allows this run; otherwise the one reason why not. */
export function checkApproval(token: string | undefined, request: ApprovalRequest): ApprovalAnswer {
  const { plan, clusterUid, wallMs, runner, approvers, limits } = request;
  if (token === undefined || token.trim() === '') {
    const names = approvers.map(({ user }) => user).join(' or ');
    return refused('approval.missing', `this cluster's owner wants a second person to agree: ${names}`);
  }
  const [text = '', signature = '', ...more] = token.trim().split('.');
  const facts = more.length === 0 ? readFacts(text) : undefined;
  if (facts === undefined) return refused('approval.malformed', 'this is no approval, or only a part of one');
  const approver = approvers.find(({ user }) => user === facts.approver);
  if (approver === undefined)
    return refused('approval.unknown-approver', `${facts.approver} is not among those who may approve here`);
  if (!isSignedBy(approver.key, text, signature))
    return refused(
      'approval.bad-signature',
      `it is not signed with the key of ${approver.user}, or was changed`,
    );
  if (facts.clusterUid !== clusterUid)
    return refused(
      'approval.other-cluster',
      `it is for the cluster ${facts.clusterUid}, and this is ${clusterUid}`,
    );
  const changed = differences(facts.plan, plan);
  if (changed.length > 0)
    return refused('approval.other-plan', `the plan is not the one that was approved: ${changed.join('; ')}`);
  const expiresAtWallMs = Math.min(facts.expiresAtWallMs, facts.approvedAtWallMs + limits.longestMs);
  if (wallMs >= expiresAtWallMs)
    return refused('approval.expired', `it ended at ${new Date(expiresAtWallMs).toISOString()}`);
  if (facts.approver === runner)
    return refused(
      'approval.same-person',
      `${runner} runs it and has approved it; a second person is wanted`,
    );
  const id = createHash('sha256').update(text).digest('hex');
  return { ok: true, approval: { id, uses: limits.uses, expiresAtWallMs } };
}

function refused(code: ErrorCode, why: string): ApprovalAnswer {
  return { ok: false, code, why };
}

function isSignedBy(key: string, text: string, signature: string): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(DOMAIN + text), publicKey, Buffer.from(signature, 'base64url'));
}

function readFacts(text: string): ApprovalFacts | undefined {
  try {
    const facts = JSON.parse(
      Buffer.from(text, 'base64url').toString('utf8'),
    ) as Partial<ApprovalFacts> | null;
    const isWhole =
      facts?.schema === 2 &&
      typeof facts.clusterUid === 'string' &&
      typeof facts.approvedAtWallMs === 'number' &&
      typeof facts.expiresAtWallMs === 'number' &&
      typeof facts.approver === 'string' &&
      isRecord(facts.plan);
    return isWhole ? (facts as ApprovalFacts) : undefined;
  } catch {
    // The caller says that it is none.
    return undefined;
  }
}

/** What is not as it was approved, each part with both values: who asks again has to know what for. */
function differences(approved: Plan, now: Plan): readonly string[] {
  const names = [...new Set([...Object.keys(approved), ...Object.keys(now)])].sort();
  return names
    .filter((part) => approved[part] !== now[part])
    .map((part) => `${part} was ${shown(approved[part])} and is ${shown(now[part])}`);
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'absent';
  return value.length > 60 ? `${value.slice(0, 60)}…` : value || '(none)';
}
