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
