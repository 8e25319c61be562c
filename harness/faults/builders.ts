/** Every kind of fault as scenarios ask for it, each with its injector. */
export { nodeCableOut } from './catalogue/node/cable-out.ts';
export { nodeFreeze } from './catalogue/node/freeze.ts';
export { nodePowerOff } from './catalogue/node/power-off.ts';
export { podKill } from './catalogue/pod/kill.ts';
