import { homedir } from 'node:os';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { PresentParts, ServiceRef } from '../cluster.ts';

/** Where the images of what we install come from: they are on the nodes, or the nodes pull them from below a prefix. */
export type ImageSource =
  { readonly kind: 'preloaded' } | { readonly kind: 'registry'; readonly prefix: string };

/** What we are told about a cluster that exists. All of it comes from the environment, which a run's workers inherit. */
export interface ExistingSettings {
  readonly context?: string;
  /** Path of the file; absent: where kubectl looks. */
  readonly kubeconfig?: string;
  readonly images?: ImageSource;
  readonly present: PresentParts;
}

const SERVICE = /^([a-z0-9-]+)\/([a-z0-9.-]+)(?::(\d+))?$/;
const PREFIX = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** @throws FiredrillError `existing.bad-setting` */
export function existingSettings(env: Readonly<Record<string, string | undefined>>): ExistingSettings {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const context = text('FIREDRILL_CONTEXT');
  const kubeconfig = text('FIREDRILL_KUBECONFIG');
  const images = imageSource(text('FIREDRILL_IMAGES'));
  const prometheus = serviceRef('FIREDRILL_PROMETHEUS', text('FIREDRILL_PROMETHEUS'), 9090);
  const alertmanager = serviceRef('FIREDRILL_ALERTMANAGER', text('FIREDRILL_ALERTMANAGER'), 9093);
  if ((prometheus === undefined) !== (alertmanager === undefined)) {
    throw new FiredrillError(
      'existing.bad-setting',
      'FIREDRILL_PROMETHEUS and FIREDRILL_ALERTMANAGER go together: one Prometheus has one place for its alerts',
      { userError: true, hint: 'name both, or neither: then both are installed for the run' },
    );
  }
  const healer = text('FIREDRILL_HEALER');
  if (healer !== undefined && healer !== 'present') {
    throw badSetting('FIREDRILL_HEALER', healer, '`present`, or nothing');
  }
  return {
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(images === undefined ? {} : { images }),
    present: {
      ...(prometheus === undefined ? {} : { prometheus }),
      ...(alertmanager === undefined ? {} : { alertmanager }),
      healer: healer === 'present',
    },
  };
}

/** The file that a context is looked for in, for messages and for kubectl. */
export function kubeconfigPath(
  settings: ExistingSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return settings.kubeconfig ?? env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
}

/** A context as a name for directories and labels. */
export function clusterNameOf(context: string): string {
  const name = context
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  // The end of a long context (an ARN) tells more than its beginning.
  return name.slice(-40).replace(/^-/, '') || 'existing';
}

function imageSource(text: string | undefined): ImageSource | undefined {
  if (text === undefined) return undefined;
  if (text === 'preloaded') return { kind: 'preloaded' };
  if (!PREFIX.test(text)) {
    throw badSetting(
      'FIREDRILL_IMAGES',
      text,
      '`preloaded`, or a registry and path such as registry.example/team',
    );
  }
  return { kind: 'registry', prefix: text };
}

function serviceRef(setting: string, text: string | undefined, usualPort: number): ServiceRef | undefined {
  if (text === undefined) return undefined;
  const [, namespace, name, port] = SERVICE.exec(text) ?? [];
  if (namespace === undefined || name === undefined) {
    throw badSetting(setting, text, 'NAMESPACE/SERVICE or NAMESPACE/SERVICE:PORT');
  }
  return { namespace, name, port: port === undefined ? usualPort : Number(port) };
}

function badSetting(setting: string, text: string, wanted: string): FiredrillError {
  return new FiredrillError('existing.bad-setting', `${setting}=${text}: ${wanted} is wanted`, {
    userError: true,
  });
}
