import { embeddedRequirements } from '../../../infra/embedded/requirements.ts';
import { askProviders } from '../../../infra/provider.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** Says what this machine can do, and what is missing. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'check what this machine can do, and say what is missing',
  help: `firedrill doctor [--json]

Exit code 0 where at least one provider can make a cluster here, 1 where none can.
`,
  async run(args, context) {
    const { values } = optionsOf('doctor', args, { json: { type: 'boolean', default: false } });
    const requirements = embeddedRequirements();
    const providers = await askProviders();
    const lines = [
      'embedded needs:',
      ...requirements.map(
        ({ name, ok, found, remedy }) =>
          `  ${ok ? '✓' : '✗'} ${name.padEnd(20)} ${found}${ok || remedy === undefined ? '' : `; next: ${remedy}`}`,
      ),
      'providers:',
      ...providers.map(
        ({ provider, applies, reasons }) =>
          `  ${applies ? '✓' : '✗'} ${provider.padEnd(20)} ${reasons.join('; ') || 'can be used'}`,
      ),
    ];
    print(context, values.json, { requirements, providers }, lines);
    return providers.some((provider) => provider.applies) ? 0 : 1;
  },
};
