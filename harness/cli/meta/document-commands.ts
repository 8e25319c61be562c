/** A line of a document, typed as it stands but for what its reader chooses. */
export interface Typed {
  /** What stands in the place of the reader's own choice; words in capitals that are not named here are given by the test. */
  readonly fill?: Readonly<Record<string, string>>;
  /** What is added to see what the line would do, where doing it takes hours. */
  readonly adds?: string;
  readonly says: RegExp;
  /** 0 where nothing is said. */
  readonly exitCode?: number;
  /** It is not there when this is typed, and `says` is the refusal. */
  readonly without?: 'container engine' | 'network';
  /** Whoever has the package can type it, too. */
  readonly inPackage?: true;
}

/** How a command of a document is shown to do what the document says. */
type Proof =
  | Typed
  /** A test or suite that `npm run check` runs calls it with these words. */
  | { readonly calledBy: string; readonly words: string }
  /** It is what this part of the long suite does. */
  | { readonly part: string }
  /** A name in a sentence; this is the command that it names, which has a row of its own. */
  | { readonly of: string }
  /** No program of ours, and why no test types it. */
  | { readonly foreign: string };

const SUITES = { calledBy: 'ci/check.test.ts', words: "[CHECK, '--suite', 'tools']" };
const NO_ENGINE = /provider\.not-here\] no cluster can be made here: kind: Docker is not installed/;

/** Every command of the documents, but those that `document-sessions.ts` types on a cluster. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  'npm test': { of: 'npm test -- scenarios/node-loss' },
  'npm test [-- scenarios/NAME] [options]': {
    fill: { '[-- scenarios/NAME] [options]': '-- scenarios/node-loss --seed 7' },
    adds: '--list',
    says: /^node\/node-loss\.spec\.ts › the storefront survives the loss of a node$/m,
  },
  'npm test -- scenarios/node-loss --control': {
    adds: '--list',
    says: /› the healer leaves a healthy cluster alone$[^]*› does not heal a node that is lost in time$/m,
  },
  'npm test -- scenarios/goals': { part: 'goals' },
  'npm test -- scenarios/healer': {
    adds: '--list',
    says: /^healer\/healer-admission-denies\.spec\.ts › [^]*^healer\/healer-upgrade\.spec\.ts › /m,
  },
  'npm test -- scenarios/node-loss --provider kind': {
    ...{ without: 'container engine', exitCode: 64 },
    says: NO_ENGINE,
  },

  'npm run firedrill -- doctor': { says: /^embedded needs:$[^]*^providers:$/m, inPackage: true },
  'npm run firedrill -- analyze JOURNAL': { says: /^HELD {2}the storefront survives/m, inPackage: true },
  'npm run firedrill -- toolchain get': { calledBy: 'ci/suites/catalogue.ts', words: "'toolchain', 'get'" },
  'npm run firedrill -- toolchain pin': {
    ...{ without: 'network', exitCode: 1 },
    says: /toolchain\.download-failed/,
  },
  'npm run firedrill -- up --name b --provider kind --node-image kindest/node:v1.36.3': {
    ...{ without: 'container engine', exitCode: 64 },
    says: NO_ENGINE,
  },

  'npm run check': SUITES,
  'npm run check -- --suite unit': SUITES,
  'npm run check -- --suite meta': SUITES,
  'npm run check -- --suite contract': SUITES,
  'npm run check -- --suite real,contract,smoke': SUITES,
  'npm run check:long': { of: 'npm run check:long -- --part NAME' },
  'npm run check:long -- --list': { says: /^mutants: /m },
  'npm run check:long -- --part NAME': { of: 'npm run check:long -- --part goals' },
  'npm run check:long -- --part goals': { part: 'goals' },
  'npm run check:long -- --part goals --slice 1/2': { adds: '--list', says: /^ {2}units: 5, /m },
  'npm run check:long -- --part goals,bench': { part: 'goals' },
  'npm run check:long -- --part documents': { part: 'documents' },
  'npm run bench -- starved-0-users': { part: 'bench' },
  'npm run bench -- healer-1000-memory': { part: 'bench' },

  'node --test harness/core/recovery/calibration.test.ts': {
    calledBy: 'harness/core/recovery/calibration.test.ts',
    words: 'test(',
  },
  'node healers/audit-verify.ts FILE...': {
    calledBy: 'healers/runtime/audit.test.ts',
    words: '../audit-verify.ts',
  },
  'npx prettier --write FILE': { says: /unformatted\.ts \d+ms$/m },

  'firedrill adopt': {
    of: 'npm run firedrill -- adopt --context staging --namespaces shop,search --nodes pool=drill',
  },
  'firedrill analyze': { of: 'npm run firedrill -- analyze JOURNAL' },
  'firedrill doctor': { of: 'npm run firedrill -- doctor' },
  'npx firedrill test': { of: 'npx firedrill test scenarios/x.spec.ts' },
  'npm install firedrill-VERSION.tgz': {
    of: 'npm init -y && npm pkg set type=module && npm install PATH/firedrill-0.1.0.tgz',
  },

  'kubectl config view --raw --minify --flatten': {
    calledBy: 'infra/kubeconfig/kubeconfig.ts',
    words: 'config(...view',
  },
  'kubectl proxy': { calledBy: 'infra/kubeconfig/kubectl-proxy.ts', words: "PROXY = ['proxy'" },
  'kubectl uncordon': { foreign: "a person's act on a node under treatment" },
  'go build': { foreign: 'the tool chain calls it, for ten minutes' },
  'CGO_ENABLED=0 go list -deps -mod=mod PACKAGES': { foreign: 'a new pin comes from a module proxy' },
  'go get k8s.io/kubernetes@vVERSION': { foreign: 'a new pin comes from a module proxy' },
  'docker login': { foreign: 'an account with a registry' },
  'systemctl start podman.socket': { foreign: 'Podman and systemd' },
};
