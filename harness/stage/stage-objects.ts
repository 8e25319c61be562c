import { drillSlackSecret, HEALER_RECORDS, healerManifests } from '../../healers/deploy/manifests.ts';
import { onInfraNode } from '../../infra/agents/manifest/placement.ts';
import { probeManifests } from '../../infra/agents/probe/manifest.ts';
import { reaperManifests } from '../../infra/agents/reaper/manifest.ts';
import type { Cluster } from '../../infra/cluster.ts';
import type { KubeObject } from '../../infra/kube/objects.ts';
import { monitoringBase, monitoringManifests, ownReceiver } from '../../infra/monitoring/manifests.ts';
import { PROFILES } from '../../infra/monitoring/profile.ts';
import { LOAD_DEFAULTS } from '../load/load-options.ts';
import { loadManifests } from '../load/load-pod.ts';
import type { ScenarioOptions } from './options.ts';
import { hasServers } from './present-monitoring.ts';
import type { Workload } from './workload.ts';

const IMAGE = 'none';
const ANY_ADDRESS = '::';

/** What a stage puts on a cluster, for who asks how all of it is called: images, tokens and addresses stand for nothing. */
export function stageObjects(
  cluster: Pick<Cluster, 'present'>,
  { healer, monitoring, load }: Pick<ScenarioOptions, 'healer' | 'monitoring' | 'load'>,
  workload?: Workload,
): readonly KubeObject[] {
  const placement = onInfraNode('preferred');
  const receiver = { token: '', senders: [] };
  const images = { prometheus: IMAGE, alertmanager: IMAGE, exporter: IMAGE, receiver: IMAGE, probe: IMAGE };
  const servers = { images, profile: PROFILES[monitoring], placement, receiver };
  return [
    ...reaperManifests({ image: IMAGE, placement }),
    ...probeManifests({ image: IMAGE, placement, token: '', usedBy: [] }),
    ...monitoringBase(),
    ...(hasServers(cluster)
      ? ownReceiver(IMAGE, placement, receiver)
      : monitoringManifests(servers, ANY_ADDRESS)),
    ...healerObjects(cluster, healer),
    ...(load === 'off' ? [] : loadManifests({ ...LOAD_DEFAULTS, target: 'http://none' }, IMAGE)),
    ...(workload?.manifests(workload.images.map(() => IMAGE)) ?? []),
  ];
}

/** A healer there that is not ours would act in a trial of none, too. */
function healerObjects(
  { present }: Pick<Cluster, 'present'>,
  healer: ScenarioOptions['healer'],
): readonly KubeObject[] {
  if (present?.healer === true) return [];
  const own = healerManifests({ image: IMAGE, token: '' });
  if (healer !== 'firedrill') return own.filter(({ kind }) => kind === 'Deployment');
  return [...HEALER_RECORDS, drillSlackSecret(''), ...own];
}
