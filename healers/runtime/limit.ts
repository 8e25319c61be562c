/**
 * What the healer's account may do with one kind of objects, where RBAC knows only yes and no: CEL that is true of what is allowed. It stands
 * beside the code that makes the call, as the permission does.
 */
export interface AccountLimit {
  readonly resource: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly allowed: string;
  /** What whoever is refused is told. */
  readonly message: string;
}

/** A deletion has to name the incarnation that it means: another object may have the name by now. */
export const NAMES_THE_UID = 'request.options.?preconditions.?uid.hasValue()';

export const annotationsOf = (object: string) => `${object}.metadata.?annotations.orValue({})`;

/** An update leaves these fields as they were. */
export const unchanged = (...fields: readonly string[]) =>
  fields.map((field) => `object.${field} == oldObject.${field}`).join(' && ');

/** An update changes no annotation but those whose key, `k`, passes the test. */
export function onlyAnnotations(passes: (key: string) => string): string {
  const sameIn = (one: string, other: string) =>
    `${annotationsOf(one)}.all(k, ${passes('k')} || ${annotationsOf(one)}[k] == ${annotationsOf(other)}[?k].orValue(null))`;
  return `${sameIn('object', 'oldObject')} && ${sameIn('oldObject', 'object')}`;
}
