import type { EndpointSlice, Service } from '../../../kube/objects.ts';
import type { MetricSample } from '../../http/exposition.ts';
import { epochS, gauge, identity, known, nameOf, namespaceOf, one, type StateFamily } from './family.ts';

const serviceLabels = identity('service');
export const SERVICE_FAMILIES: readonly StateFamily<Service>[] = [
  gauge('kube_service_info', 'Information about service.', (service) =>
    one({
      ...serviceLabels(service),
      cluster_ip: service.spec?.clusterIP ?? '',
      external_name: service.spec?.externalName ?? '',
      external_traffic_policy: service.spec?.externalTrafficPolicy ?? '',
      load_balancer_ip: service.spec?.loadBalancerIP ?? '',
    }),
  ),
  gauge('kube_service_created', 'Unix creation timestamp.', (service) =>
    known(serviceLabels(service), epochS(service.metadata?.creationTimestamp)),
  ),
  gauge('kube_service_spec_type', 'Type about service.', (service) =>
    one({ ...serviceLabels(service), type: service.spec?.type ?? '' }),
  ),
  // The series are the Service's and not its slices': a Service without any slice is the one to ask about.
  gauge('kube_endpoint_info', 'Information about endpoint.', (service) =>
    service.spec?.type === 'ExternalName'
      ? []
      : one({ namespace: namespaceOf(service), endpoint: nameOf(service) }),
  ),
];

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

const sliceLabels = identity('endpointslice');
export const ENDPOINT_SLICE_FAMILIES: readonly StateFamily<EndpointSlice>[] = [
  gauge('kube_endpointslice_info', 'Information about endpointslice.', (slice) =>
    one({ ...sliceLabels(slice), addresstype: slice.addressType }),
  ),
  gauge('kube_endpointslice_created', 'Unix creation timestamp.', (slice) =>
    known(sliceLabels(slice), epochS(slice.metadata?.creationTimestamp)),
  ),
  gauge('kube_endpointslice_ports', 'Ports attached to the endpointslice.', (slice) =>
    (slice.ports ?? []).map(({ name, protocol, port }) => ({
      labels: {
        ...sliceLabels(slice),
        port_name: name ?? '',
        port_protocol: protocol ?? '',
        port_number: String(port ?? ''),
      },
      value: 1,
    })),
  ),
  gauge('kube_endpointslice_endpoints', 'Endpoints attached to the endpointslice.', (slice) =>
    (slice.endpoints ?? []).flatMap((endpoint) => endpointSamples(slice, endpoint)),
  ),
  // By the name of the Endpoints API, which slices have replaced: rules and dashboards still ask for it.
  gauge(
    'kube_endpoint_address',
    'Information about Endpoint available and non available addresses.',
    addressSamples,
  ),
];

function endpointSamples(slice: EndpointSlice, endpoint: Endpoint): readonly MetricSample[] {
  const { conditions, targetRef } = endpoint;
  return endpoint.addresses.map((address) => ({
    labels: {
      ...sliceLabels(slice),
      address,
      // The API's own defaults for what is not said.
      ready: String(conditions?.ready ?? true),
      serving: String(conditions?.serving ?? conditions?.ready ?? true),
      terminating: String(conditions?.terminating ?? false),
      hostname: endpoint.hostname ?? '',
      endpoint_nodename: endpoint.nodeName ?? '',
      endpoint_zone: endpoint.zone ?? '',
      targetref_kind: targetRef?.kind ?? '',
      targetref_name: targetRef?.name ?? '',
      targetref_namespace: targetRef?.namespace ?? '',
    },
    value: 1,
  }));
}

function addressSamples(slice: EndpointSlice): readonly MetricSample[] {
  const service = serviceOf(slice);
  if (service === undefined) return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions }) =>
    addresses.flatMap((ip) =>
      (slice.ports ?? []).map(({ name, protocol, port }) => ({
        labels: {
          namespace: namespaceOf(slice),
          endpoint: service,
          ip,
          port_name: name ?? '',
          port_protocol: protocol ?? '',
          port_number: String(port ?? ''),
          ready: String(conditions?.ready ?? true),
        },
        value: 1,
      })),
    ),
  );
}

/** The Service that a slice belongs to; slices that were made for another purpose name none. */
function serviceOf(slice: EndpointSlice): string | undefined {
  return slice.metadata?.labels?.['kubernetes.io/service-name'];
}
