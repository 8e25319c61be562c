export { formatFooter } from './footer.ts';
export { formatHeader, formatProgress, formatStep, formatStepLine, replaceLine } from './steps.ts';
export { PLAIN, terminalStyle } from './style.ts';
export type { TerminalStyle } from './style.ts';
export { formatTrial } from './trial.ts';
