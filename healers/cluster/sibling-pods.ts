import type { PodObject } from './objects.ts';

const TEMPLATE_HASH = 'pod-template-hash';
/** Labels of one pod or of one revision of its controller: the pod that takes its place has others. */
const OWN_LABELS: readonly string[] = [
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'controller-revision-hash',
];

/**
 * A selector of the labels that a pod shares with those that its controller makes in its place; undefined: it has none. Lists by it
 * are short, while a namespace may hold all pods of a cluster: the 100,000 of one took seconds to read at each look.
 */
export function siblingsOf({ metadata }: PodObject): string | undefined {
  const { name, labels = {} } = metadata;
  const hash = labels[TEMPLATE_HASH];
  if (hash !== undefined) return `${TEMPLATE_HASH}=${hash}`;
  const shared = Object.entries(labels).filter(([key, value]) => !OWN_LABELS.includes(key) && value !== name);
  return shared.length === 0 ? undefined : shared.map(([key, value]) => `${key}=${value}`).join(',');
}

/** The same pods in as few lists as possible: those of all ReplicaSets are one. */
export function inFewLists(selectors: Iterable<string>): readonly string[] {
  const [hashes = [], others = []] = [true, false].map((isHash) =>
    [...selectors].filter((each) => each.startsWith(`${TEMPLATE_HASH}=`) === isHash),
  );
  if (hashes.length < 2) return [...hashes, ...others];
  const values = hashes.map((each) => each.slice(TEMPLATE_HASH.length + 1));
  return [`${TEMPLATE_HASH} in (${values.join(',')})`, ...others];
}
