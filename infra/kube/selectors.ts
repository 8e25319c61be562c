import type { LabelSelector } from './objects.ts';
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}
export type Labels = Readonly<Record<string, string>> | undefined;
/** `app=web,tier in (a,b),!legacy` as requirements; '' selects everything. Throws `kube.bad-selector` with the position. */
export declare function parseSelector(text: string): Requirement[];
/** A LabelSelector of an object (matchLabels, matchExpressions) as requirements. */
export declare function requirementsOf(selector: LabelSelector): Requirement[];
export declare function matchesSelector(selector: readonly Requirement[], labels: Labels): boolean;
/** The text for a `labelSelector` query. */
export declare function formatSelector(selector: readonly Requirement[]): string;
