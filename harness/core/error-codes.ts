/**
 * Every code that an error of ours can have, by its first word; the second words stand in one line each, in the order of the alphabet.
 * Behind those whose errors are mended by other input, or in the environment, stands `!`: all others are outages and defects.
 * A typo does not compile, and a code that nothing throws any more fails a test.
 */
export const ERROR_CODES = {
  adopt: 'empty-selector! no-policy! nothing-allowed! other-cluster!',
  agent: 'bad-port! no-token!',
  approval:
    'bad-key! bad-signature expired linked-folder! malformed missing no-plan other-cluster other-plan same-person unknown-approver unknown-import! unknown-runner! unreadable! used-up!',
  approve: 'no-key! no-place! no-seed! not-an-approver! not-asked! other-user! too-long!',
  arguments: 'malformed!',
  call: 'unknown',
  cgroup: 'controller-refused controllers-missing freeze-timeout not-removed',
  cli: 'bad-arguments! bad-number! bad-value! output-lost! unknown-verb!',
  cluster:
    'bad-name! changed! down-failed failed in-use! name-in-use! no-connection no-disk-room! no-memory! not-ended not-ours! not-started path-too-long! quarantined! ready start-failed starting! stop-failed stopping too-many-machines unknown!',
  command: 'failed',
  configuration: 'malformed! unknown-variable!',
  duration: 'malformed!',
  embedded: 'no-runc-version',
  engine: 'bad-setting! no-api! none! not-pulled refused silent!',
  existing:
    'bad-setting! credentials-refused! images-missing! images-unknown! no-context! no-machines! no-route no-witness not-adopted! not-allowed! not-possible! rights-missing! unreachable! untrusted!',
  exporter: 'incomplete',
  fault:
    'ineffective malformed! no-evidence no-injector no-machine no-pod no-witness not-possible! pod-not-askable! unknown-kind!',
  gate: 'refused',
  guard: 'freeze-window refused! stop-condition',
  healer:
    'audit-not-written bad-config! conflict incomplete-object no-machine-interface no-proof no-record not-leading not-removed other-machine paused pods-left stopped stopping',
  hold: 'faults-left taken! unknown',
  http: 'bad-json! body-too-large!',
  images:
    'bad-name bad-path bundle-failed bundler-missing duplicate-path file-changed libraries-unknown library-missing missing nothing-built package-not-listed source-missing tar-limit unknown-architecture',
  journal: 'damaged! not-found! unwritable',
  kind: 'bad-setting! create-failed gateway-elsewhere! image-missing! no-gateway no-join-configuration no-token not-possible! not-removed',
  kube: 'apply-failed bad-election bad-frame bad-kubeconfig! bad-manifest! bad-object bad-reference bad-request bad-selector! bad-target! conflict forbidden foreign-answer gone history-changed invalid leadership-lost not-found not-in-cluster not-supported port-forward-failed server-timeout started-twice timeout too-many-requests unauthorized unavailable unknown-kind unreachable wait-timeout watch-closed watch-stalled',
  load: 'bad-options! ended-early no-answer no-summary not-started',
  machine:
    'boot-failed control-plane fenced import-failed no-runtime not-on! not-settled retired unknown-parameter vanished',
  machines:
    'bad-url! conflict denied failed foreign-cluster malformed throttled unknown-machine unknown-state unreachable',
  matcher: 'malformed! not-negatable!',
  monitoring: 'no-images no-interval no-pod no-service! no-service-address',
  node: 'unknown!',
  observe:
    'cut http-status partial-answer probe-rebooted prometheus-unreachable query-refused silent unreadable-answer watch-ended',
  policy: 'malformed!',
  probe: 'another-instance bad-cursor! bad-target! name-taken no-address no-such-target',
  process: 'folder-not-made! folder-of-others! folder-unreadable! no-home! no-identity! still-alive',
  provider: 'none! not-here! not-ready! unknown!',
  reaper: 'no-version not-ready',
  receiver: 'another-instance bad-cursor! bad-fault!',
  report: 'allure-failed bad-allure-result bad-verdict unreadable-run unwritable',
  run: 'another-is-running! no-context no-directory!',
  scenario: 'ambiguous! cannot-load! foreign-configuration! no-folder! no-list none-chosen! unknown!',
  servers: 'bad-answer image-missing! not-started unsettled',
  slo: 'invalid! two-of-one-name! unjudgeable! unresolvable!',
  sources: 'no-repository!',
  stage: 'healer-is-there! not-ours! not-removed',
  supervisor: 'failed host-port start-failed unknown-answer! unreachable',
  system: 'install-failed programs-missing!',
  target: 'empty-selector!',
  token: 'malformed!',
  toolchain:
    'architecture-unknown! archive-incomplete bad-mirror! build-failed cache-unusable! checksum-mismatch disk-full! download-failed go-missing! go-too-old! mode-unknown! not-cached! not-downloadable! override-unusable! tool-unknown!',
  trial: 'closed none! not-ours! stopped',
  undo: 'malformed no-actor unknown-verb',
  workload: 'no-manifests!',
} as const;

type WordsOf<Line extends string> = Line extends `${infer First} ${infer Rest}`
  ? WordsOf<First> | WordsOf<Rest>
  : Line extends `${infer Word}!`
    ? Word
    : Line;
type Group = keyof typeof ERROR_CODES;

/** `GROUP.WORD`; an answer of an API server that has no word of its own is `kube.http-STATUS`. */
export type ErrorCode =
  { [G in Group]: `${G}.${WordsOf<(typeof ERROR_CODES)[G]>}` }[Group] | `kube.http-${number}`;

const USER_ERRORS = new Map<string, boolean>(
  Object.entries(ERROR_CODES).flatMap(([group, words]) =>
    words.split(' ').map((word) => [`${group}.${word.replace('!', '')}`, word.endsWith('!')] as const),
  ),
);

/** Whether an error of this code is for its user to mend. */
export function isUserError(code: ErrorCode): boolean {
  return USER_ERRORS.get(code) ?? false;
}

/** A code that came over a wire or from a file, where it is one of ours. */
export function knownErrorCode(code: string): ErrorCode | undefined {
  return USER_ERRORS.has(code) || /^kube\.http-\d+$/.test(code) ? (code as ErrorCode) : undefined;
}
