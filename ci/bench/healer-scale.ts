import { coresOf, measureScale, perSecond, type ScaleCost } from '../../healers/testing/scale/measure.ts';
import type { Bench } from './bench.ts';

const FIGURES = {
  memory: { unit: 'MB' },
  idle: { unit: '%' },
  storm: { unit: '%' },
  detected: { unit: 's' },
  fenced: { unit: 's' },
  kubelets: { unit: 'requests/s' },
  api: { unit: 'requests/s' },
};

/** What one healer takes where there are many nodes, of which three in ten are lost together in the end. */
export const scaling: readonly Bench[] = [
  scale(1000, 10_000, { memory: '<= 200 MB', idle: '<= 10 %', storm: '<= 50 %' }),
  scale(5000, 100_000, { memory: '<= 600 MB' }),
];

function scale(
  nodes: number,
  pods: number,
  targets: Readonly<Partial<Record<keyof typeof FIGURES, string>>>,
): Bench {
  const nameOf = (figure: string): string => `healer-${nodes}-${figure}`;
  return {
    what: `one healer before ${nodes} nodes and ${pods} pods, which are plain objects of a real API server: the most memory of its process; per cent of one core while nothing is wrong, and once three nodes in ten are lost; from the loss of one until it is found, and fenced; requests while nothing is wrong`,
    figures: Object.fromEntries(
      Object.entries(FIGURES).map(([figure, { unit }]) => {
        const target = targets[figure as keyof typeof FIGURES];
        return [nameOf(figure), { unit, ...(target === undefined ? {} : { target }) }];
      }),
    ),
    ...{ runs: 3, long: true },
    async *measure(_, signal) {
      for (;;) {
        const figures = Object.entries(figuresOf(await measureScale(nodes, pods, signal)));
        yield Object.fromEntries(figures.map(([figure, value]) => [nameOf(figure), value]));
      }
    },
  };
}

function figuresOf(cost: ScaleCost): Record<keyof typeof FIGURES, number> {
  return {
    memory: cost.peakBytes / 1e6,
    idle: 100 * coresOf(cost.idle),
    storm: 100 * coresOf(cost.storm),
    detected: cost.detectedMs / 1000,
    fenced: cost.fencedMs / 1000,
    kubelets: perSecond(cost.idle, 'kubelets'),
    api: perSecond(cost.idle, 'api'),
  };
}
