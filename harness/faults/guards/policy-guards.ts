import type { ErrorCode } from '../../core/error-codes.ts';
import { checkApproval, type Spendable } from '../../core/owner/approval.ts';
import { COMMANDS } from '../../core/installation.ts';
import { formatDuration } from '../../core/duration.ts';
import { describeEnd, describeWindow, openAt, openWithin } from '../../core/owner/calendar.ts';
import { USUAL_APPROVALS } from '../../core/owner/policy.ts';
import type { PolicyInForce } from '../../core/owner/permit.ts';
import { describeStop, type StopReading } from '../../core/owner/stop-condition.ts';

/** A rule of the owner that forbids it, and the next step of whoever is refused. */
interface PolicyRefusal {
  readonly rule: 'freeze-window' | 'approval' | 'stop-condition';
  /** e.g. `approval.expired`. */
  readonly code: ErrorCode;
  readonly message: string;
  readonly allow: string;
}

const OWNER_CHANGES = `the owner changes the policy with: ${COMMANDS.firedrill} adopt --help`;

/** What of the policy forbids something that begins now and lasts so long. */
export function policyRefusals(inForce: PolicyInForce, lastsMs: number): readonly PolicyRefusal[] {
  return [freezeRefusal(inForce, lastsMs), approvalRefusal(inForce)].filter((one) => one !== undefined);
}

function freezeRefusal({ policy, wallMs }: PolicyInForce, lastsMs: number): PolicyRefusal | undefined {
  const frozen = openWithin(policy.freeze, wallMs, wallMs + lastsMs);
  if (frozen === undefined) return undefined;
  const ends = describeEnd(frozen);
  return {
    rule: 'freeze-window',
    code: 'guard.freeze-window',
    message:
      openAt([frozen.window], wallMs) === undefined
        ? `it could last into the freeze window ${describeWindow(frozen.window)}, which opens within ${formatDuration(lastsMs)} and ends at ${ends}`
        : `nothing may be injected in the freeze window ${describeWindow(frozen.window)}, which ends at ${ends}`,
    allow: `wait for its end, or give the fault a shorter duration or the trial a shorter deadline; ${OWNER_CHANGES}`,
  };
}

/** The approval that the run uses up; undefined where none is asked for, or this one is refused. */
export function spendableApproval(inForce: PolicyInForce): Spendable | undefined {
  const answer = approvalAnswer(inForce);
  return answer?.ok === true ? answer.approval : undefined;
}

function approvalAnswer({ policy, clusterUid, wallMs, permit }: PolicyInForce) {
  const { approvers, approvals: limits = USUAL_APPROVALS } = policy;
  if (approvers === undefined || permit?.plan === undefined) return undefined;
  const { plan, runner, approval } = permit;
  return checkApproval(approval, { plan, clusterUid, wallMs, runner, approvers, limits });
}

function approvalRefusal(inForce: PolicyInForce): PolicyRefusal | undefined {
  const { policy, permit } = inForce;
  if (policy.approvers === undefined) return undefined;
  if (permit?.plan === undefined) {
    return {
      rule: 'approval',
      code: 'approval.no-plan',
      message: "this cluster's owner wants a second person to agree, and nobody has said what would be run",
      allow: `start the run with ${COMMANDS.test}, not with the test runner itself`,
    };
  }
  const answer = approvalAnswer(inForce);
  if (answer?.ok !== false) return undefined;
  return {
    rule: 'approval',
    code: answer.code,
    message: answer.why,
    allow: `one of the approvers runs: ${permit.approveWith}; then run it again with --approval FILE and the same seed`,
  };
}

/** Before something is injected every condition has to be read, and none may hold. */
export function stopRefusals(readings: readonly StopReading[]): readonly PolicyRefusal[] {
  return readings.flatMap(({ name, state, detail }) => {
    if (state === 'clear') return [];
    return [
      {
        rule: 'stop-condition',
        code: 'guard.stop-condition',
        message: describeStop({ condition: name, state, detail }),
        allow:
          state === 'true'
            ? 'wait until it no longer holds'
            : `say where it can be read: --prometheus NAMESPACE/SERVICE, or prometheus: in the policy; ${OWNER_CHANGES}`,
      },
    ];
  });
}
