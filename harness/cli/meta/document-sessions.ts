import type { Typed } from './document-commands.ts';

/** A line of a document in a session of a user. */
export interface Step extends Typed {
  readonly line: string;
  /** Somebody else types it. */
  readonly by?: 'alice';
  /** What its output gives to the lines after it, by the words in capitals that stand for it there. */
  readonly keeps?: Readonly<Record<string, RegExp>>;
}

const HELD = /^ +HELD +reports\/out\/\S+\/index\.html$/m;
const THREE_HELD = /^ +3 trials: 3 held; 3 of 3 as expected\n +HELD +reports\/out\/\S+\/index\.html$/m;
const PUBLIC_KEY = 'MCowBQYDK2VwAyEA...';

type Session = 'a clone' | 'a package' | 'a cluster that runs already' | 'a guest';

/** What users type, in this order, each in a home of their own. */
export const SESSIONS: Readonly<Record<Session, readonly Step[]>> = {
  'a clone': [
    { line: 'npm test -- scenarios/node-loss', says: THREE_HELD },
    {
      line: 'npm run firedrill -- up --name a',
      says: /^a is up: Kubernetes v[\d.]+, 4 nodes, [\d.]+ s\n {2}export KUBECONFIG=\S+\n {2}npm test -- scenarios\/node-loss --cluster a\n {2}npm run firedrill -- down --name a$/m,
    },
    { line: 'npm run firedrill -- VERB', fill: { VERB: 'status' }, says: /^a {2}ready {2}Kubernetes v/m },
    { line: 'npm test -- scenarios/node-loss --cluster a', adds: "-g 'loss of a node'", says: HELD },
    {
      line: 'export KUBECONFIG="$(npm run --silent firedrill -- kubeconfig --name a)"',
      adds: '&& kubectl get nodes',
      says: /^node-\S+ +Ready /m,
    },
    {
      line: 'npm run firedrill -- report reports/out/RUN',
      fill: { RUN: 'latest' },
      says: /^HELD {2}reports\/out\/\S+\/index\.html {2}1 trial$/m,
    },
    { line: 'npm run firedrill -- down --name a', says: /^a is down$/m },
    {
      line: 'npm run firedrill -- VERB',
      fill: { VERB: 'up --name b --nodes 2 --zones 2 --machines none --json' },
      says: /^\{\n {2}"name": "b",\n {2}"provider": "embedded",\n {2}"kubernetesVersion": "v[\d.]+",\n {2}"kubeconfig": /m,
    },
    {
      line: 'npm run firedrill -- VERB',
      fill: { VERB: 'status --name b' },
      says: /^b {2}ready .* machine interface none\n {2}node-1 +zone-1 +worker +on\n {2}node-2 +zone-2 +worker +on\n/m,
    },
    { line: 'npm run firedrill -- VERB', fill: { VERB: 'down --all' }, says: /^b is down$/m },
    { line: 'npm run firedrill -- VERB', fill: { VERB: 'reap' }, says: /^nothing was left behind$/m },
    {
      line: 'npm run firedrill -- reap --servers',
      ...{ without: 'container engine', exitCode: 64 },
      says: /^firedrill: \[engine\.none\] no container engine answers: Docker is not installed/m,
    },
    {
      line: 'npm run bench -- NAME',
      fill: { NAME: 'bootstrap' },
      says: /^bootstrap: .*; target < 100 ms$/m,
    },
    {
      line: 'npm run check:long -- --part kind',
      ...{ without: 'container engine', exitCode: 1 },
      says: /^kind cannot run here: Docker is not installed[^]*\n0 passed, 1 failed$/m,
    },
  ],
  'a package': [
    { line: 'npm pack', says: /^firedrill-0\.1\.0\.tgz$/m },
    {
      line: 'npm init -y && npm pkg set type=module && npm install PATH/firedrill-0.1.0.tgz',
      says: /^added \d+ packages/m,
    },
    { line: 'npx firedrill test scenarios/x.spec.ts', says: HELD },
    { line: 'npx firedrill up', adds: '&& npx firedrill down', says: /^drill is up: [^]*^drill is down$/m },
  ],
  'a cluster that runs already': [
    {
      line: 'npm run firedrill -- adopt --context staging --namespaces shop,search --nodes pool=drill',
      ...{ says: /nothing was written/, keeps: { UID: /UID ([0-9a-f-]{36})/ } },
    },
    {
      line: 'npm run firedrill -- adopt --context staging --namespaces shop,search --nodes pool=drill --confirm UID',
      says: /^ {2}nodes may be hit, 3 of 4: /m,
    },
    {
      line: 'npm test -- scenarios/NAME --provider existing --context staging --images registry.example/team',
      ...{ fill: { NAME: 'shop' }, says: HELD },
    },
    {
      line: 'npm test -- scenarios/NAME --provider existing --context staging --images registry.example/team --machines https://bmc.example:8443 --machines-ca ca.crt --machines-token token --machines-from-pods https://10.0.0.1:8443',
      fill: { NAME: 'shop-power' },
      says: new RegExp(`machine interface configured [^]*${HELD.source}`, 'm'),
    },
    {
      line: 'npm run firedrill -- approve --new-key KEY',
      ...{ fill: { KEY: 'key.pem' }, says: /MCow/, keeps: { [PUBLIC_KEY]: /(MCow\S+)/ } },
    },
    {
      line: 'npm run firedrill -- adopt --context staging --namespaces shop,search --nodes pool=drill --policy FILE --confirm UID',
      ...{ fill: { FILE: 'policy.yaml' }, says: /^ {2}second person: system:serviceaccount:default:alice$/m },
    },
    {
      line: 'npm test -- scenarios/NAME --provider existing --context staging --images registry.example/team --seed 7',
      ...{ fill: { NAME: 'shop' }, exitCode: 64 },
      says: /approval\.missing[^]*approve --key KEY --out FILE -- scenarios\/shop .*--seed 7/,
    },
    {
      line: 'npm run firedrill -- approve --key KEY --out FILE -- scenarios/NAME --provider existing --context staging --images registry.example/team --seed 7',
      ...{ fill: { NAME: 'shop', KEY: 'key.pem', FILE: 'approval' }, by: 'alice' },
      says: /^system:serviceaccount:default:alice agrees, until /m,
    },
    {
      line: 'npm test -- scenarios/NAME --provider existing --context staging --images registry.example/team --seed 7 --approval FILE',
      ...{ fill: { NAME: 'shop', FILE: 'approval' }, says: HELD },
    },
    {
      line: 'npm run firedrill -- adopt --context staging --remove',
      says: /^staging is no longer adopted$/m,
    },
  ],
  'a guest': [{ line: 'npm run check:lab', says: /^9 passed, 0 failed$/m }],
};
