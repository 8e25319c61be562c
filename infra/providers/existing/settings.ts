import { join } from 'node:path';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { given } from '../../../harness/core/given.ts';
import { parseServiceRef, SERVICE_REF } from '../../../harness/core/service-ref.ts';
import { shellWord } from '../../../harness/core/shell-word.ts';
import type { PresentComponents, ServiceRef } from '../../cluster.ts';
import { imageCacheDirectory } from '../../images/blob-store.ts';
import { homeFolder } from '../../process/user-folders.ts';

/** Where the images of what we install come from: they are on the nodes, or the nodes pull them from below a prefix. */
export type ImageSource =
  { readonly kind: 'preloaded' } | { readonly kind: 'registry'; readonly prefix: string };

/** What we are told about a cluster that exists. All of it comes from an environment, which a run's workers inherit. */
export interface ExistingSettings {
  readonly context?: string;
  /** Path of the file that the context is looked for in; where kubectl looks it may be several, as in KUBECONFIG. */
  readonly kubeconfig: string;
  /** It was named by itself, so a colon in it parts no files. */
  readonly isOneFile?: boolean;
  /** What kubectl and the plug-ins of credentials inherit. */
  readonly env: NodeJS.ProcessEnv;
  readonly images?: ImageSource;
  /** Folder in which our images are built, to know what they are called. */
  readonly imageDirectory: string;
  readonly present: PresentComponents;
  /** Absent: nobody here can switch a machine on or off. */
  readonly machines?: MachineSettings;
}

/** Where the machine protocol of infra/machines/protocol.ts is served for this cluster. */
export interface MachineSettings {
  readonly url: string;
  readonly tokenFile: string;
  /** Absent: the authorities that this machine trusts anyway. */
  readonly caFile?: string;
  /** The machine interface as pods reach it; absent: no pod does. */
  readonly urlFromPods?: string;
}

const PREFIX = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** @throws FiredrillError `existing.bad-setting` */
export function existingSettings(env: NodeJS.ProcessEnv): ExistingSettings {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const context = text('FIREDRILL_CONTEXT');
  // Where nobody knows a home, kubectl has no file there, and that is what is told of it.
  const usual = join(homeFolder(env) ?? '~', '.kube', 'config');
  const kubeconfig = text('FIREDRILL_KUBECONFIG') ?? text('KUBECONFIG') ?? usual;
  const images = imageSource(text('FIREDRILL_IMAGES'));
  const prometheus = serviceRef('FIREDRILL_PROMETHEUS', text('FIREDRILL_PROMETHEUS'), 9090);
  const alertmanager = serviceRef('FIREDRILL_ALERTMANAGER', text('FIREDRILL_ALERTMANAGER'), 9093);
  if ((prometheus === undefined) !== (alertmanager === undefined)) {
    throw new FiredrillError(
      'existing.bad-setting',
      'FIREDRILL_PROMETHEUS and FIREDRILL_ALERTMANAGER go together: one Prometheus has one place for its alerts',
      { hint: 'name both, or neither: then both are installed for the run' },
    );
  }
  const healer = text('FIREDRILL_HEALER');
  if (healer !== undefined && healer !== 'present') {
    throw badSetting('FIREDRILL_HEALER', healer, '`present`, or nothing');
  }
  const machines = machineSettings(text);
  return {
    ...given({
      context,
      images,
      machines,
      isOneFile: text('FIREDRILL_KUBECONFIG') === undefined ? undefined : true,
    }),
    kubeconfig,
    env,
    imageDirectory: imageCacheDirectory(env),
    present: {
      ...given({ prometheus, alertmanager }),
      healer: healer === 'present',
    },
  };
}

function machineSettings(text: (name: string) => string | undefined): MachineSettings | undefined {
  const url = text('FIREDRILL_MACHINES_URL');
  const tokenFile = text('FIREDRILL_MACHINES_TOKEN_FILE');
  const caFile = text('FIREDRILL_MACHINES_CA_FILE');
  const fromPods = text('FIREDRILL_MACHINES_URL_FROM_PODS');
  if (url === undefined) {
    if (tokenFile === undefined && caFile === undefined && fromPods === undefined) return undefined;
    throw new FiredrillError('existing.bad-setting', 'a machine interface without its address', {
      hint: '--machines URL (FIREDRILL_MACHINES_URL), or none of its other settings',
    });
  }
  if (tokenFile === undefined) {
    throw new FiredrillError('existing.bad-setting', `the machine interface ${url} without a token`, {
      hint: '--machines-token FILE (FIREDRILL_MACHINES_TOKEN_FILE)',
    });
  }
  for (const [name, address] of [
    ['FIREDRILL_MACHINES_URL', url],
    ['FIREDRILL_MACHINES_URL_FROM_PODS', fromPods],
  ] as const)
    if (
      address !== undefined &&
      !(name === 'FIREDRILL_MACHINES_URL_FROM_PODS' && address === 'none') &&
      !(/^https:\/\/[^/]+$/.test(address) && URL.canParse(address))
    )
      throw badSetting(name, address, 'https://HOST:PORT, or `none` for pods that cannot reach it');
  return {
    url,
    tokenFile,
    ...given({ caFile }),
    ...(fromPods === 'none' ? {} : { urlFromPods: fromPods ?? url }),
  };
}

/** The options that name the context, to be typed again: for our verbs and for kubectl. */
export function wordsOf({ context = '', env }: ExistingSettings): string {
  return ['--context', context, ...fileWords(env)].map(shellWord).join(' ');
}

/** The option that names the kubeconfig; none where it is that of the shell. */
export function fileWords({ FIREDRILL_KUBECONFIG: file }: NodeJS.ProcessEnv): readonly string[] {
  return file === undefined || file === '' ? [] : ['--kubeconfig', file];
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
  if (!PREFIX.test(text) || !URL.canParse(`https://${text}`)) {
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
  const found = parseServiceRef(text, usualPort);
  if (found === undefined) throw badSetting(setting, text, SERVICE_REF);
  return found;
}

function badSetting(setting: string, text: string, wanted: string): FiredrillError {
  return new FiredrillError('existing.bad-setting', `${setting}=${text}: ${wanted} is wanted`);
}
