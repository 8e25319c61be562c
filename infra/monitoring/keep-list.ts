/** What alerts, dashboards and reports use of the background targets; everything else is dropped in drills. */
export const KEEP_LIST = {
  node: ['prober_probe_total'],
  kubelet: [
    'kubelet_node_name',
    'kubelet_running_pods',
    'kubelet_running_containers',
    'kubelet_evictions',
    'kubelet_pleg_relist_duration_seconds_(sum|count)',
    'kubelet_pod_start_duration_seconds_(sum|count)',
    'kubelet_runtime_operations_errors_total',
    'kubelet_volume_stats_(available|capacity|used)_bytes',
    'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)',
  ],
  cadvisor: [
    'container_cpu_usage_seconds_total',
    'container_cpu_cfs_(throttled_)?periods_total',
    'container_memory_(working_set_bytes|rss)',
    'container_oom_events_total',
    'container_fs_(usage|limit)_bytes',
    'container_network_(receive|transmit)_(bytes|packets_dropped|errors)_total',
    'machine_(cpu_cores|memory_bytes)',
  ],
  apiserver: [
    'apiserver_request_total',
    'apiserver_request_duration_seconds_(sum|count)',
    'apiserver_current_inflight_requests',
    'apiserver_flowcontrol_rejected_requests_total',
    'apiserver_storage_objects',
    'etcd_request_duration_seconds_(sum|count)',
    'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)',
  ],
} as const;
