/** By what somebody else shows on a Node object that it takes care of that node at present. */
export interface ForeignMark {
  readonly by: string;
  readonly kind: 'taint' | 'annotation' | 'label';
  readonly key: string;
  /** The values that say so; absent: any does. */
  readonly values?: readonly string[];
  /** Where its owner says what it means. */
  readonly source: string;
}

const AUTOSCALER =
  'https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/utils/taints/taints.go';
const KARPENTER = 'https://karpenter.sh/docs/concepts/disruption/';
const AWS_NTH = 'https://github.com/aws/aws-node-termination-handler/blob/main/pkg/node/node.go';
const MEDIK8S = 'https://www.medik8s.io/remediation/self-node-remediation/how-it-works/';
const NODE_MAINTENANCE =
  'https://github.com/medik8s/node-maintenance-operator/blob/main/controllers/taint.go';

/**
 * The marks that are known without being named in a policy. kured keeps its lock on its DaemonSet and shows it on a node only
 * where it was told to (`--annotate-nodes`); Cluster API and Metal3 mark Machines, and are heard where that mark is on the Node, too.
 */
export const FOREIGN_MARKS: readonly ForeignMark[] = [
  { by: 'Cluster Autoscaler', kind: 'taint', key: 'ToBeDeletedByClusterAutoscaler', source: AUTOSCALER },
  {
    by: 'Cluster Autoscaler',
    kind: 'taint',
    key: 'DeletionCandidateOfClusterAutoscaler',
    source: AUTOSCALER,
  },
  { by: 'Karpenter', kind: 'taint', key: 'karpenter.sh/disrupted', source: KARPENTER },
  { by: 'Karpenter before v1', kind: 'taint', key: 'karpenter.sh/disruption', source: KARPENTER },
  {
    by: 'AWS Node Termination Handler',
    kind: 'taint',
    key: 'aws-node-termination-handler/scheduled-maintenance',
    source: AWS_NTH,
  },
  {
    by: 'AWS Node Termination Handler',
    kind: 'taint',
    key: 'aws-node-termination-handler/spot-itn',
    source: AWS_NTH,
  },
  {
    by: 'AWS Node Termination Handler',
    kind: 'taint',
    key: 'aws-node-termination-handler/asg-lifecycle-termination',
    source: AWS_NTH,
  },
  {
    by: 'AWS Node Termination Handler',
    kind: 'taint',
    key: 'aws-node-termination-handler/rebalance-recommendation',
    source: AWS_NTH,
  },
  {
    by: 'a cloud that shut the machine down',
    kind: 'taint',
    key: 'node.cloudprovider.kubernetes.io/shutdown',
    source:
      'https://kubernetes.io/docs/reference/labels-annotations-taints/#node-cloudprovider-kubernetes-io-shutdown',
  },
  {
    by: 'Google Kubernetes Engine',
    kind: 'taint',
    key: 'cloud.google.com/impending-node-termination',
    source: 'https://cloud.google.com/kubernetes-engine/docs/concepts/handle-disruption-gpu-tpu',
  },
  { by: 'medik8s remediation', kind: 'taint', key: 'medik8s.io/remediation', source: MEDIK8S },
  { by: 'medik8s NodeMaintenance', kind: 'taint', key: 'medik8s.io/drain', source: NODE_MAINTENANCE },
  {
    by: 'medik8s NodeMaintenance',
    kind: 'label',
    key: 'medik8s.io/exclude-from-remediation',
    values: ['true'],
    source: NODE_MAINTENANCE,
  },
  {
    by: 'kured',
    kind: 'annotation',
    key: 'weave.works/kured-reboot-in-progress',
    source: 'https://kured.dev/docs/configuration/',
  },
  {
    by: 'OpenShift Machine Config Operator',
    kind: 'annotation',
    key: 'machineconfiguration.openshift.io/state',
    values: ['Working', 'Rebooting'],
    source:
      'https://github.com/openshift/machine-config-operator/blob/main/pkg/daemon/constants/constants.go',
  },
  {
    by: 'Cluster API',
    kind: 'annotation',
    key: 'cluster.x-k8s.io/delete-machine',
    source: 'https://cluster-api.sigs.k8s.io/reference/api/labels-and-annotations',
  },
  {
    by: 'Metal3',
    kind: 'annotation',
    key: 'host.metal3.io/external-remediation',
    source:
      'https://github.com/metal3-io/metal3-docs/blob/main/design/cluster-api-provider-metal3/capm3-remediation-controller-proposal.md',
  },
  {
    by: 'an upgrade of your own',
    kind: 'annotation',
    key: 'upgrade.firedrill.dev/in-progress',
    source: 'healers/README.md',
  },
];

/** All marks of one kind as a policy names them: `KEY`, or `KEY=VALUE` where only that value says so. */
export function foreignMarks(kind: ForeignMark['kind']): readonly string[] {
  return FOREIGN_MARKS.filter((mark) => mark.kind === kind).flatMap(
    ({ key, values }) => values?.map((value) => `${key}=${value}`) ?? [key],
  );
}
