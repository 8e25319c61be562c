import type { ClusterSpec } from '../../../infra/cluster.ts';
import { chooseProvider, providerNamed, providersOf } from '../../../infra/provider.ts';
import { terminalStyle } from '../../../reports/terminal/index.ts';
import { StepPrinter } from '../../run/step-printer.ts';
import { requireRead } from '../../run/test-arguments.ts';
import { FiredrillError } from '../../core/errors.ts';
import { COMMANDS } from '../../core/installation.ts';
import { shellWord } from '../../core/shell-word.ts';
import { optionsOf, print, wholeNumber, type Verb } from './verb.ts';

const PROFILES = ['bmc', 'cloud', 'none'] as const;

/** Brings up a cluster that stays. */
export const up: Verb = {
  name: 'up',
  summary: 'bring up a cluster that stays until `down`',
  help: `firedrill up [--name NAME] [--nodes N] [--zones N] [--machines bmc|cloud|none] [--provider NAME]
             [--engine NAME] [--node-image IMAGE | --kubernetes VERSION] [--json]

  --name       name of the cluster (default: drill)
  --nodes      workers, 1 to 50 (default: 3); one more node is for monitoring, load and probe
  --zones      zones that the workers are spread over, no more than there are (default: 3)
  --machines   how the machine interface behaves: bmc tells the truth at once, cloud after 60 to 120 s, none is none
  --provider   who makes it (default: the first that can work here; see firedrill doctor)
  --engine, --node-image, --kubernetes
               for a provider that makes nodes of containers: by which engine (docker, podman, nerdctl), of which image (with
               a tag or a digest), or of which version of Kubernetes
  --json       one JSON document on standard output
`,
  async run(args, context) {
    const { values } = optionsOf('up', args, {
      name: { type: 'string', default: 'drill' },
      nodes: { type: 'string', default: '3' },
      zones: { type: 'string' },
      machines: { type: 'string', default: 'bmc' },
      provider: { type: 'string' },
      engine: { type: 'string' },
      'node-image': { type: 'string' },
      kubernetes: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const machineProfile = PROFILES.find((profile) => profile === values.machines);
    if (machineProfile === undefined) {
      throw new FiredrillError(
        'cli.bad-value',
        `--machines ${values.machines} is none of ${PROFILES.join(', ')}`,
      );
    }
    const workers = wholeNumber('--nodes', values.nodes, 1, 50);
    const spec: ClusterSpec = {
      name: values.name,
      workers,
      // Each zone has a node.
      zones: wholeNumber('--zones', values.zones ?? String(Math.min(3, workers)), 1, Math.min(10, workers)),
      infraNodes: 1,
      machineProfile,
      environment: 'drill',
    };
    const told = nodeSettings(values, values.provider);
    const env = { ...context.env, ...told };
    if (values.provider !== undefined) requireRead(told, providerNamed(values.provider, providersOf(env)));
    const provider = await chooseProvider(values.provider, providersOf(env));
    const steps = new StepPrinter(context.err, terminalStyle(process.stderr, env));
    const startedMs = performance.now();
    await provider.requireMachine?.(spec.workers + spec.infraNodes, context.signal);
    const cluster = await provider.provision(
      spec,
      ({ step, state, detail, elapsedMs = performance.now() - startedMs }) => {
        if (state === 'end') steps.done(step, detail, elapsedMs);
        else steps.progress(step, detail, elapsedMs);
      },
      context.signal,
    );
    const facts = {
      name: cluster.name,
      provider: cluster.provider,
      kubernetesVersion: cluster.kubernetesVersion,
      kubeconfig: cluster.kubeconfigPath,
      seconds: Math.round(performance.now() - startedMs) / 1000,
    };
    print(context, values.json, facts, [
      `${cluster.name} is up: Kubernetes ${cluster.kubernetesVersion}, ${(await cluster.nodes()).length} nodes, ${facts.seconds.toFixed(1)} s`,
      ...nextLines(cluster.name, cluster.kubeconfigPath),
    ]);
    return 0;
  },
};

/** What can be done with a cluster that is up, to be pasted. */
export function nextLines(name: string, kubeconfig: string): readonly string[] {
  return [
    `  export KUBECONFIG=${shellWord(kubeconfig)}`,
    `  ${COMMANDS.first} --cluster ${name}`,
    `  ${COMMANDS.firedrill} down --name ${name}`,
  ];
}

/** What nodes are made of, as the provider reads it from an environment. */
function nodeSettings(
  values: { readonly engine?: string; readonly 'node-image'?: string; readonly kubernetes?: string },
  provider: string | undefined,
): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [option, variable] of [
    ['engine', 'FIREDRILL_ENGINE'],
    ['node-image', 'FIREDRILL_NODE_IMAGE'],
    ['kubernetes', 'FIREDRILL_KUBERNETES'],
  ] as const) {
    const value = values[option];
    if (value === undefined) continue;
    if (provider === undefined) {
      throw new FiredrillError(
        'cli.bad-value',
        `--${option} is for a provider that makes nodes of containers, and needs its --provider NAME`,
      );
    }
    settings[variable] = value;
  }
  return settings;
}
