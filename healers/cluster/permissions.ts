import { LEADERSHIP_PERMISSIONS } from '../runtime/leadership.ts';
import { EVENT_PERMISSIONS } from './events.ts';
import { LEASE_PERMISSIONS } from './leases.ts';
import { LEDGER_PERMISSIONS } from './ledger-object.ts';
import { NODE_PERMISSIONS } from './nodes.ts';
import { PAUSE_PERMISSIONS } from './pause-watch.ts';
import { ACCOUNT_PERMISSIONS } from './own-account.ts';
import { POD_PERMISSIONS } from './pods.ts';
import { WATCH_PERMISSIONS } from './watches.ts';

/** Every call that the healer makes at the API server. RBAC is generated from this table; a test compares it with the calls made. */
export const PERMISSIONS = [
  ...WATCH_PERMISSIONS,
  ...NODE_PERMISSIONS,
  ...POD_PERMISSIONS,
  ...LEASE_PERMISSIONS,
  ...LEADERSHIP_PERMISSIONS,
  ...LEDGER_PERMISSIONS,
  ...ACCOUNT_PERMISSIONS,
  ...PAUSE_PERMISSIONS,
  ...EVENT_PERMISSIONS,
];
