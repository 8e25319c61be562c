import type { NodeObject, PatchOperation } from '../cluster/objects.ts';
import { OUT_OF_SERVICE_TAINT, REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { formatRemediation, OUT_OF_SERVICE_VALUE, type NodeRemediation } from './remediation.ts';

const ANNOTATION_PATH = `/metadata/annotations/${REMEDIATION_ANNOTATION.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Holds the patch to the very state that the plan was made from; taints and annotations are lists that others write, too. */
function unchanged(node: NodeObject): readonly PatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: node.metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: node.metadata.resourceVersion },
  ];
}

function record(node: NodeObject, remediation: NodeRemediation): readonly PatchOperation[] {
  const parent: readonly PatchOperation[] =
    node.metadata.annotations === undefined ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : [];
  return [...parent, { op: 'add', path: ANNOTATION_PATH, value: formatRemediation(remediation) }];
}

/** Cordon and record in one write: neither exists without the other. */
export function beginPatch(node: NodeObject, remediation: NodeRemediation): readonly PatchOperation[] {
  const cordon: readonly PatchOperation[] = remediation.cordonOurs
    ? [{ op: 'add', path: '/spec/unschedulable', value: true }]
    : [];
  return [...unchanged(node), ...record(node, remediation), ...cordon];
}

/** The next phase, with the out-of-service taint once the machine is off and empty. */
export function advancePatch(
  node: NodeObject,
  remediation: NodeRemediation,
  taint: boolean,
  wallMs: number,
): readonly PatchOperation[] {
  return [...unchanged(node), ...record(node, remediation), ...(taint ? addTaint(node, wallMs) : [])];
}

function addTaint(node: NodeObject, wallMs: number): readonly PatchOperation[] {
  const taints = node.spec?.taints ?? [];
  if (taints.some((taint) => taint.key === OUT_OF_SERVICE_TAINT)) return [];
  const value = {
    key: OUT_OF_SERVICE_TAINT,
    value: OUT_OF_SERVICE_VALUE,
    effect: 'NoExecute',
    timeAdded: new Date(Math.floor(wallMs / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
  };
  return [{ op: 'add', path: '/spec/taints', value: [...taints, value] }];
}

/** Back to fencing: what told others that the machine is off goes first. */
export function unprovePatch(node: NodeObject, remediation: NodeRemediation): readonly PatchOperation[] {
  return [...unchanged(node), ...record(node, remediation), ...removeTaint(node, remediation)];
}

function removeTaint(node: NodeObject, { taintForeign }: NodeRemediation): readonly PatchOperation[] {
  if (taintForeign === true) return [];
  const taints = node.spec?.taints ?? [];
  const foreign = taints.filter((taint) => taint.key !== OUT_OF_SERVICE_TAINT);
  return foreign.length < taints.length ? [{ op: 'replace', path: '/spec/taints', value: foreign }] : [];
}

/** Takes back the cordon if it is ours, our taint, and either removes the record or leaves `kept` in its place. */
export function cancelPatch(
  node: NodeObject,
  remediation: NodeRemediation,
  kept: NodeRemediation | undefined,
): readonly PatchOperation[] {
  const uncordon = remediation.cordonOurs && node.spec?.unschedulable === true;
  return [
    ...unchanged(node),
    ...(uncordon ? [{ op: 'remove', path: '/spec/unschedulable' } as const] : []),
    ...removeTaint(node, remediation),
    ...(kept === undefined ? [{ op: 'remove', path: ANNOTATION_PATH } as const] : record(node, kept)),
  ];
}

export function forgetPatch(node: NodeObject): readonly PatchOperation[] {
  return [...unchanged(node), { op: 'remove', path: ANNOTATION_PATH }];
}
