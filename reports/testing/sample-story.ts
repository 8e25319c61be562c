import type { HealerEvent, WatchEvent } from '../../harness/core/journal/journal.ts';
import { QUERY } from './sample-measurements.ts';
import { monoOf, wallOf, type Story, type Write } from './sample-shape.ts';

const WORKERS = ['node-1', 'node-2', 'node-3'] as const;

export function writeStart({ options, requestedMs }: Story, write: Write): void {
  write(requestedMs - 9000, {
    kind: 'trial.started',
    schema: 1,
    trialId: options.trialId,
    runId: '20261122-103000',
    scenario: options.scenario,
    title: options.title,
    seed: options.seed,
    runSeed: options.seed,
    repeatIndex: options.repeatIndex,
    control: options.shape === 'violated' || options.shape === 'censored',
    expected: options.shape === 'violated' ? 'violated' : 'held',
    deadlineMs: 400_000,
    bootId: 'c0ffee00-0000-4000-8000-000000000001',
    cluster: {
      name: 'run-20261122',
      provider: 'embedded',
      kubernetesVersion: 'v1.36.3',
      uid: '0b5f2c1e-5d1c-4a52-9b2e-0c53a3b4f111',
      nodes: [
        ...WORKERS.map((name, index) => ({
          name: options.namePrefix + name,
          zone: `zone-${index + 1}`,
          role: 'worker',
        })),
        { name: 'infra-1', zone: 'zone-1', role: 'infra' },
      ],
      machineProfile: 'bmc',
    },
    config: { healer: options.shape === 'violated' ? 'off' : 'firedrill', workload: 'storefront' },
    versions: { kubernetes: 'v1.36.3', prometheus: 'v3.11.0', firedrill: '0.1.0' },
    digests: { storefront: 'sha256:4f1c' },
    deviations: ['drill profile: scrape interval 1 s instead of 15 s'],
    again: `npm test -- scenarios/${options.scenario} --seed ${options.seed}`,
  });
  write(requestedMs - 8000, {
    kind: 'slo.claim',
    claimId: 'claim-1',
    claim: 'recover-within',
    sloId: 'available',
    query: QUERY,
    bound: { atLeast: 0.99 },
    stableForMs: 5000,
    withinMs: 10_000,
    injectionId: 'injection-1',
  });
  write(requestedMs - 100, { kind: 'gate', ok: true, reasons: [] });
}

function pod(
  name: string,
  node: string,
  change: WatchEvent['change'],
  facts: Record<string, unknown> = {},
): WatchEvent {
  return {
    kind: 'watch',
    change,
    object: 'Pod',
    namespace: 'storefront',
    name,
    uid: `uid-${name}`,
    facts: { app: 'storefront', node, ...facts },
  };
}

function node(
  name: string,
  change: WatchEvent['change'],
  ready: 'True' | 'False' | 'Unknown',
  unschedulable = false,
): WatchEvent {
  return { kind: 'watch', change, object: 'Node', name, uid: `uid-${name}`, facts: { ready, unschedulable } };
}

export function writeCluster(story: Story, write: Write): void {
  const prefix = story.options.namePrefix;
  for (const name of [...WORKERS.map((one) => prefix + one), 'infra-1'])
    write(story.requestedMs - 8500, node(name, 'added', 'True'));
  for (let index = 0; index < 6; index++) {
    write(
      story.requestedMs - 8500,
      pod(podName(story, index), `${prefix}node-${(index % 3) + 1}`, 'added', { ready: true }),
    );
  }
  write(story.requestedMs - 8400, { kind: 'capacity', selector: 'app=storefront', ready: 6, wanted: 6 });
}

function podName(story: Story, index: number): string {
  return `${story.options.namePrefix}web-6c9f7d5b8-${['kx2lp', 'm8rwq', 'zt4vn', 'b7hsd', 'qn5jf', 'w2gxc', 'd9plk', 'v6tmr'][index] ?? index}`;
}

export function writeFault({ options, requestedMs, revertedMs }: Story, write: Write): void {
  const injectionId = 'injection-1';
  const target = `${options.namePrefix}node-2`;
  write(requestedMs, {
    kind: 'fault.requested',
    injectionId,
    fault: { kind: options.faultKind, target: { kind: 'node', hosting: 'app=storefront', mode: 'one' } },
  });
  write(requestedMs + 2, {
    kind: 'fault.resolved',
    injectionId,
    targets: [{ kind: 'node', name: target, uid: `uid-${target}`, zone: 'zone-2' }],
    leaderHit: false,
    podsHit: 2,
    podsTotal: 6,
  });
  write(requestedMs + 3, {
    kind: 'fault.intent',
    injectionId,
    undo: { verb: 'power-on', args: { node: target } },
  });
  write(requestedMs + 9, { kind: 'fault.applied', injectionId, ackMs: 6 });
  if (options.shape === 'inconclusive') {
    write(requestedMs + 5000, {
      kind: 'fault.ineffective',
      injectionId,
      waitedMs: 5000,
      lastSeen: 'kubelet answers 401',
    });
  } else {
    write(0, {
      kind: 'fault.effective',
      injectionId,
      observer: 'kubelet probe',
      observation: 'connection refused',
      effectiveMonoMs: monoOf(0),
      effectiveWallMs: wallOf(0),
      errorMs: 10,
    });
  }
  write(revertedMs, {
    kind: 'fault.reverted',
    injectionId,
    ok: true,
    observation: 'the old machine is retired',
    by: 'trial',
  });
}

export function writeHealing(story: Story, write: Write): void {
  const { healer, options, replacedMs, capacityMs } = story;
  if (options.shape === 'inconclusive') return;
  const target = `${options.namePrefix}node-2`;
  const noticedMs = healer ? 220 : 48_700;
  write(noticedMs, { kind: 'capacity', selector: 'app=storefront', ready: 4, wanted: 6 });
  if (healer) {
    const say = (
      atMs: number,
      event: 'suspected' | 'detected' | 'decided' | 'acted' | 'recovered',
      detail: string,
      done: Pick<HealerEvent, 'action' | 'result' | 'phase' | 'objects'> = {},
    ): void =>
      write(atMs, {
        ...done,
        kind: 'healer',
        event,
        subject: target,
        detail,
        healerMonoMs: monoOf(atMs),
        healerWallMs: wallOf(atMs),
        pod: 'firedrill-healer-0',
      });
    say(healer.detectedMs - 500, 'suspected', 'kubelet does not answer');
    say(healer.detectedMs, 'detected', 'machine is off, kubelet silent');
    say(healer.decidedMs, 'decided', 'guard passed');
    const cordon = { action: 'Cordon', result: 'cordoned', phase: 'fencing' };
    say(healer.actedMs, 'acted', 'Cordon: cordoned, phase fencing', cordon);
    const off = { action: 'PowerOff', result: 'proof of power-off' };
    say(healer.actedMs + 40, 'acted', 'PowerOff: proof of power-off', off);
    const objects = ['storefront/web-1', 'storefront/web-2'];
    const deleted = { action: 'DeletePods', result: '2 pods replaced', objects };
    say(healer.actedMs + 120, 'acted', `DeletePods: 2 pods replaced: ${objects.join(', ')}`, deleted);
    write(healer.actedMs + 8, node(target, 'modified', 'True', true));
    write(healer.actedMs + 45, {
      kind: 'machine',
      call: 'powerOff',
      node: target,
      caller: 'healer',
      result: 'off',
    });
    say((capacityMs ?? 0) + 300, 'recovered', 'all replicas Ready');
  } else {
    write(48_600, node(target, 'modified', 'Unknown'));
    for (const index of [1, 4]) {
      write(48_690, pod(podName(story, index), target, 'modified', { phase: 'Running', ready: false }));
    }
  }
  writeReplacement(story, write, target, replacedMs, capacityMs);
  const alertMs = healer ? 2600 : 4000;
  const labels = { node: target };
  write(alertMs, {
    kind: 'alert',
    source: 'prometheus',
    name: 'NodeDown',
    state: 'pending',
    labels,
    startsAtWallMs: wallOf(alertMs),
  });
  write(alertMs + 2000, {
    kind: 'alert',
    source: 'prometheus',
    name: 'NodeDown',
    state: 'firing',
    labels,
    startsAtWallMs: wallOf(alertMs),
  });
  if (capacityMs !== undefined)
    write(capacityMs + 3000, {
      kind: 'alert',
      source: 'prometheus',
      name: 'NodeDown',
      state: 'resolved',
      labels,
    });
}

function writeReplacement(
  story: Story,
  write: Write,
  target: string,
  replacedMs?: number,
  capacityMs?: number,
): void {
  if (replacedMs === undefined || capacityMs === undefined) return;
  const prefix = story.options.namePrefix;
  for (const [nth, index] of [1, 4].entries()) {
    write(replacedMs + nth * 30, pod(podName(story, index), target, 'deleted', { ready: false }));
    const fresh = podName(story, 6 + nth);
    const host = `${prefix}node-${nth === 0 ? 1 : 3}`;
    write(replacedMs + 40 + nth * 30, { ...pod(fresh, '', 'added', { phase: 'Pending' }) });
    write(replacedMs + 110 + nth * 30, pod(fresh, host, 'modified', { phase: 'Pending' }));
    write(
      replacedMs + (capacityMs - replacedMs) * 0.6 + nth * 90,
      pod(fresh, host, 'modified', { phase: 'Running', ready: false }),
    );
    write(
      nth === 0 ? capacityMs - 400 : capacityMs,
      pod(fresh, host, 'modified', { phase: 'Running', ready: true }),
    );
    write(nth === 0 ? capacityMs - 400 : capacityMs, {
      kind: 'capacity',
      selector: 'app=storefront',
      ready: 5 + nth,
      wanted: 6,
    });
  }
  if (!story.healer) return;
  write(capacityMs - 1200, node(target, 'deleted', 'True'));
  write(capacityMs + 2400, node(`${prefix}node-4`, 'added', 'False'));
  write(capacityMs + 4100, node(`${prefix}node-4`, 'modified', 'True'));
}

export function writeTrailer({ options, endMs, revertedMs, impact }: Story, write: Write): void {
  if (options.shape === 'no-impact')
    write(4000, { kind: 'note', text: 'retries of the web tier hid the loss of its replicas' });
  if (options.shape === 'violated')
    write(impact?.toMs ?? 0, { kind: 'note', text: 'endpoints of node-2 dropped: the node turned Unknown' });
  write(revertedMs + 200, { kind: 'residue', ok: true, items: [] });
  write(endMs + 10, { kind: 'trial.ended', how: options.shape === 'inconclusive' ? 'error' : 'finished' });
}
