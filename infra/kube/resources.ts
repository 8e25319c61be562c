import type { KindRef } from './objects.ts';

/** How a kind appears in URLs. */
export interface Resource {
  readonly plural: string;
  readonly namespaced: boolean;
}

const NAMESPACED: Readonly<Record<string, string>> = {
  'v1/ConfigMap': 'configmaps',
  'v1/Endpoints': 'endpoints',
  'v1/Event': 'events',
  'v1/LimitRange': 'limitranges',
  'v1/PersistentVolumeClaim': 'persistentvolumeclaims',
  'v1/Pod': 'pods',
  'v1/ReplicationController': 'replicationcontrollers',
  'v1/ResourceQuota': 'resourcequotas',
  'v1/Secret': 'secrets',
  'v1/Service': 'services',
  'v1/ServiceAccount': 'serviceaccounts',
  'apps/v1/ControllerRevision': 'controllerrevisions',
  'apps/v1/DaemonSet': 'daemonsets',
  'apps/v1/Deployment': 'deployments',
  'apps/v1/ReplicaSet': 'replicasets',
  'apps/v1/StatefulSet': 'statefulsets',
  'autoscaling/v2/HorizontalPodAutoscaler': 'horizontalpodautoscalers',
  'batch/v1/CronJob': 'cronjobs',
  'batch/v1/Job': 'jobs',
  'coordination.k8s.io/v1/Lease': 'leases',
  'discovery.k8s.io/v1/EndpointSlice': 'endpointslices',
  'events.k8s.io/v1/Event': 'events',
  'networking.k8s.io/v1/Ingress': 'ingresses',
  'networking.k8s.io/v1/NetworkPolicy': 'networkpolicies',
  'policy/v1/PodDisruptionBudget': 'poddisruptionbudgets',
  'rbac.authorization.k8s.io/v1/Role': 'roles',
  'rbac.authorization.k8s.io/v1/RoleBinding': 'rolebindings',
};

const CLUSTER_SCOPED: Readonly<Record<string, string>> = {
  'v1/Namespace': 'namespaces',
  'v1/Node': 'nodes',
  'v1/PersistentVolume': 'persistentvolumes',
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': 'mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': 'validatingadmissionpolicies',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': 'validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': 'validatingwebhookconfigurations',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'customresourcedefinitions',
  'apiregistration.k8s.io/v1/APIService': 'apiservices',
  'authorization.k8s.io/v1/SelfSubjectAccessReview': 'selfsubjectaccessreviews',
  'authorization.k8s.io/v1/SubjectAccessReview': 'subjectaccessreviews',
  'certificates.k8s.io/v1/CertificateSigningRequest': 'certificatesigningrequests',
  'networking.k8s.io/v1/IngressClass': 'ingressclasses',
  'node.k8s.io/v1/RuntimeClass': 'runtimeclasses',
  'rbac.authorization.k8s.io/v1/ClusterRole': 'clusterroles',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': 'clusterrolebindings',
  'scheduling.k8s.io/v1/PriorityClass': 'priorityclasses',
  'storage.k8s.io/v1/CSIDriver': 'csidrivers',
  'storage.k8s.io/v1/CSINode': 'csinodes',
  'storage.k8s.io/v1/StorageClass': 'storageclasses',
  'storage.k8s.io/v1/VolumeAttachment': 'volumeattachments',
};

/** The resource of a kind that is built into Kubernetes, without asking the server. */
export function builtInResource(kind: KindRef): Resource | undefined {
  const key = `${kind.apiVersion}/${kind.kind}`;
  const namespaced = NAMESPACED[key];
  if (namespaced !== undefined) return { plural: namespaced, namespaced: true };
  const clusterScoped = CLUSTER_SCOPED[key];
  return clusterScoped === undefined ? undefined : { plural: clusterScoped, namespaced: false };
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of a collection, or of one object when `name` is given. Without a namespace: all namespaces. */
export function resourcePath(
  apiVersion: string,
  resource: Resource,
  where: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  } = {},
): string {
  const segments = [groupPath(apiVersion)];
  if (resource.namespaced && where.namespace !== undefined) {
    segments.push('namespaces', encodeURIComponent(where.namespace));
  }
  segments.push(resource.plural);
  if (where.name !== undefined) segments.push(encodeURIComponent(where.name));
  if (where.subresource !== undefined) segments.push(where.subresource);
  return segments.join('/');
}
