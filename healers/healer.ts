import { readFileSync } from 'node:fs';
import { systemClock, type Clock } from '../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../harness/core/errors.ts';
import { KubeClient } from '../infra/kube/client.ts';
import type { KubeTarget } from '../infra/kube/target.ts';
import type { HealerConfig } from './config.ts';
import { HttpMachines } from '../infra/machines/client.ts';
import { NodePath } from './node/path.ts';
import { AuditFile } from './runtime/audit-file.ts';
import type { Reporter } from './incident/report.ts';
import { EventQueue, type EventBody } from './runtime/event-queue.ts';
import { healerServer, listen } from './runtime/http-server.ts';
import { createEvent } from './cluster/events.ts';
import { pauseWatch } from './cluster/pause-watch.ts';
import { Leadership } from './runtime/leadership.ts';
import { HealerMetrics } from './runtime/metrics.ts';
import { UnfailingAudit } from './safety/unfailing-audit.ts';
import { Outbox } from './runtime/outbox.ts';
import { lookAt } from './witness/look.ts';
import { answerView } from './witness/view.ts';
import { slackDelivery } from './runtime/slack.ts';
import { KillSwitch } from './safety/kill-switch.ts';

/** Where and as whom a healer process runs. */
interface HealerSetting {
  readonly target: KubeTarget;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  /** Where to listen; every address when absent. */
  readonly host?: string;
}

/** Runs one healer replica until the signal aborts, then gives up its lease. */
export async function runHealer(
  setting: HealerSetting,
  config: HealerConfig,
  stopping: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([stopping, broken.signal]);
  const { pod, podUid, namespace, target } = setting;
  const kube = new KubeClient(target, { userAgent: `firedrill-healer/${pod}` });
  const electionKube = new KubeClient(target, { userAgent: `firedrill-healer/${pod} election` });
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const auditFile = new AuditFile({ path: config.auditPath, clock, pod, bootId });
  const machines = config.machines === undefined ? undefined : new HttpMachines(config.machines);
  const metrics = new HealerMetrics();
  const events = new EventQueue(
    async (body, eventSignal) => await createEvent(kube, pod, body, eventSignal),
    signal,
    () => metrics.eventLost(),
  );
  const outbox =
    config.outbox === undefined
      ? undefined
      : new Outbox({
          directory: config.outbox.directory,
          clock,
          deliver: slackDelivery(config.outbox.slackUrlFile, config.outbox.cluster),
          onLost: () => metrics.noteLost(),
        });
  const tell = {
    notify: (...[incident, severity, text]: Parameters<Reporter['notify']>) =>
      outbox?.post(incident, severity, text),
    event: (event: EventBody) => events.push(event),
  };
  const regarding = { apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: '' };
  const audit = new UnfailingAudit({ ...tell, file: auditFile, clock, regarding });
  const leadership = new Leadership({ kube: electionKube, namespace, pod, podUid, audit });
  const killSwitch = new KillSwitch({
    ...tell,
    audit,
    namespace,
    isLeading: () => leadership.stillLeading(),
    onChange: () => nodePath.lookAtAll(),
  });
  const pauses = pauseWatch(kube, namespace, (why) => killSwitch.see(why));
  const nodePath = new NodePath(
    {
      kube,
      machines,
      leadership,
      audit,
      metrics,
      ...tell,
      policy: config.node,
      paused: () => killSwitch.reason ?? pauses.problem(),
      namespace,
      pod,
      port: config.port,
      token: config.token,
      clock,
    },
    signal,
  );
  metrics.watch({
    leader: () => leadership.stillLeading(),
    unhealthy: () => nodePath.unhealthy,
    queueDepth: () => nodePath.queueDepth,
    cacheAgeMs: () => nodePath.cacheAgesMs(),
    suspended: () => nodePath.suspended,
    paused: () => killSwitch.reason !== undefined,
    outboxDepth: () => outbox?.depth ?? 0,
    auditWritten: () => audit.problem === undefined,
  });

  const look = lookAt(clock);
  let synced = false;
  const filling = (): string | undefined => (synced ? undefined : 'the caches are not filled yet');
  const server = healerServer({
    audit: auditFile,
    metrics: async () => ({
      contentType: metrics.registry.contentType,
      text: await metrics.registry.metrics(),
    }),
    // Until the caches are filled the start-up probe decides.
    live: () => (synced ? nodePath.standstill() : undefined),
    ready: filling,
    started: filling,
    view: async (request, response) => await answerView(request, response, config.token, look),
    token: config.token,
  });
  const parts: Promise<void>[] = [];
  try {
    await listen(server, config.port, setting.host);
    parts.push(nodePath.watches.run(signal), pauses.run(signal));
    await Promise.race([Promise.all([nodePath.watches.synced, pauses.synced]), ...parts]);
    synced = true;
    parts.push(nodePath.run(signal), leadership.run(signal));
    if (outbox !== undefined) parts.push(outbox.run(signal));
    await Promise.all(parts);
  } catch (error) {
    if (!stopping.aborted) throw new FiredrillError('healer.stopped', messageOf(error), { cause: error });
  } finally {
    // The lease is given up only after everything that acts has stopped.
    broken.abort();
    await Promise.allSettled(parts);
    machines?.close();
    server.closeAllConnections();
    server.close();
    kube.close();
    electionKube.close();
    auditFile.close();
  }
}
