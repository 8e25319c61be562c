import { surveyMachine, toolsRoom } from '../../../infra/providers/embedded/machine-survey.ts';
import { askProviders, providersOf } from '../../../infra/provider.ts';
import { surveyToolchain, type Surveyed } from '../../../infra/toolchain/survey.ts';
import { PATIENCE } from '../../core/patience.ts';
import { DEFAULT_OPTIONS } from '../../stage/options.ts';
import { optionsOf, print, type Verb } from './verb.ts';
import { given } from '../../core/given.ts';
import { asTyped, COMMANDS } from '../../core/installation.ts';

/** The workers of a usual run, and the node for monitoring, load and probe. */
const USUAL_NODES = DEFAULT_OPTIONS.cluster.workers + 1;

/** Not worth a mark of its own: whatever the speed is, everything works. */
const PATIENCE_LINE: Surveyed = {
  name: 'limits of time',
  ok: true,
  found: `${PATIENCE} times those of an idle machine of two cores (FIREDRILL_PATIENCE)`,
};

/** Says what this machine can do, and what is missing. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'check what this machine can do, and say what is missing',
  help: `firedrill doctor [--context NAME [--kubeconfig PATH]] [--json]

Looks, and changes nothing: kernel, rights, control groups, limits and ports, what a cluster's network is made of (tried
in a namespace of its own), room for a usual cluster of ${USUAL_NODES} nodes, programs of the distribution, the tools in the
cache, Go, and whether release hosts and module proxy answer (2 s at most). What is marked with - is missing and not
needed for what the other lines say. A run looks at the same things first, as far as it needs them.

  --context     a cluster that runs already, and is looked at, too; FIREDRILL_CONTEXT says the same
  --kubeconfig  where the context is described (default: where kubectl looks)

Exit code 0 where at least one provider can make a cluster here, 1 where none can.
`,
  async run(args, context) {
    const { values } = optionsOf(
      'doctor',
      args,
      {
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      { bonds: [['kubeconfig', 'without', 'context']] },
    );
    const env = {
      ...context.env,
      ...given({ FIREDRILL_CONTEXT: values.context, FIREDRILL_KUBECONFIG: values.kubeconfig }),
    };
    const [providers, { requirements, room: forNodes, programs }, toolchain] = await Promise.all([
      askProviders(providersOf(env)),
      surveyMachine(context.env, USUAL_NODES, context.signal),
      surveyToolchain(context.env, context.signal),
    ]);
    const room = [...forNodes, ...toolsRoom(context.env, toolchain)];
    const needed = toolchain.obtainable ? '-' : '✗';
    const lines = [
      'embedded needs:',
      ...[...requirements, ...room, PATIENCE_LINE].map((one) => lineOf(one, '✗')),
      'programs of the distribution (missing ones are installed by the first run, as root on Debian and relatives):',
      ...programs.map((one) => lineOf(one, '✗')),
      `tools (${toolchain.obtainable ? 'all there, or to be had' : 'not all there, and not to be had from here'}):`,
      ...[...toolchain.tools, ...toolchain.ways].map((one) => lineOf(one, needed)),
      'providers:',
      ...providers.map(({ provider, applies, reasons }) =>
        lineOf({ name: provider, ok: applies, found: reasons.join('; ') || 'can be used' }, '✗'),
      ),
    ];
    const possible = toolchain.obtainable && room.every((one) => one.ok);
    const embedded = requirements.every((one) => one.ok);
    const [usable] = providers.filter(
      ({ provider, applies }) => possible && applies && (embedded || provider !== 'embedded'),
    );
    if (usable !== undefined && usable.provider !== 'existing') lines.push(`next: ${COMMANDS.first}`);
    print(context, values.json, { requirements, room, programs, toolchain, providers }, lines);
    return usable === undefined ? 1 : 0;
  },
};

function lineOf({ name, ok, found, remedy }: Surveyed, missing: string): string {
  return `  ${ok ? '✓' : missing} ${name.padEnd(20)} ${found}${ok || remedy === undefined ? '' : `; next: ${asTyped(remedy)}`}`;
}
