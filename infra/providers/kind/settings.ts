import { FiredrillError } from '../../../harness/core/errors.ts';
import { given } from '../../../harness/core/given.ts';
import { engineSetting, type EngineName } from '../../engine/engine-names.ts';

/** What we are told about clusters made by kind; all of it comes from the environment, which a run's workers inherit. */
interface KindSettings {
  /** The only engine that is asked; absent: each, in the order of `ENGINES`. */
  readonly engine?: EngineName;
  /** Node image, by tag or by digest; absent: the one that this version of kind was made for. */
  readonly nodeImage?: string;
}

const VERSION = /^v?\d+\.\d+\.\d+$/;
const IMAGE = /^[\w][\w.:/-]*(@sha256:[0-9a-f]{64})?$/;

/** @throws FiredrillError `kind.bad-setting`, `engine.bad-setting` */
export function kindSettings(env: Readonly<Record<string, string | undefined>>): KindSettings {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const engine = engineSetting(env);
  const image = text('FIREDRILL_NODE_IMAGE');
  const version = text('FIREDRILL_KUBERNETES');
  if (image !== undefined && version !== undefined) {
    throw new FiredrillError(
      'kind.bad-setting',
      'FIREDRILL_NODE_IMAGE and FIREDRILL_KUBERNETES both say which Kubernetes is meant',
      { hint: 'leave one of them out: an image has its version in it' },
    );
  }
  if (image !== undefined && !IMAGE.test(image))
    throw badSetting('FIREDRILL_NODE_IMAGE', image, 'the name of an image, with a tag or a digest');
  if (version !== undefined && !VERSION.test(version))
    throw badSetting('FIREDRILL_KUBERNETES', version, 'a version such as v1.36.3');
  const nodeImage = version === undefined ? image : `kindest/node:v${version.replace(/^v/, '')}`;
  return given({ engine, nodeImage });
}

function badSetting(setting: string, text: string, wanted: string): FiredrillError {
  return new FiredrillError('kind.bad-setting', `${setting}=${text}: ${wanted} is wanted`);
}
