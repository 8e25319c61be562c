import { idToken } from '../../kube/testing/api-server.ts';

/** One input, and whom the server sees by it or what is said of it: by kubectl and by Firedrill alike. */
export interface Row {
  readonly what: string;
  /** What is told of the cluster, in place of its address and authority where it names them. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: unknown;
  /** Names of cluster and user in the context. */
  readonly names?: Readonly<Record<string, unknown>>;
  /** Files beside the kubeconfig; those whose name ends in .sh can be run. */
  readonly files?: Readonly<Record<string, string>>;
  /** The text of the kubeconfig, from that which the fields above make, which is JSON. */
  readonly text?: (usual: string) => string;
  /** The files that KUBECONFIG names; default: the kubeconfig alone. */
  readonly list?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: staging; null: the current one. */
  readonly context?: string | null;
  readonly sees?: string;
  readonly says?: RegExp;
}

/** What the rows reach. */
export interface Reached {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  readonly caPem: string;
  /** Of the user `dev`. */
  readonly certPem: string;
  readonly keyPem: string;
  /** An authority that has nothing to do with the server. */
  readonly otherCa: { readonly cert: string; readonly key: string };
  /** The server at an IPv6 address. */
  readonly ipv6: string;
  /** The server below a path, with `otherCa` for its authority. */
  readonly below: string;
  /** kubectl proxy, to which everybody is the administrator, below a path. */
  readonly plain: string;
  /** An OIDC provider, with `otherCa` for its authority. */
  readonly issuer: string;
  /** An HTTP proxy that leads to the server by the name api.example.test. */
  readonly httpProxy: string;
}

const ADMIN = { token: 'admin-token' };
const NOBODY = 'http://127.0.0.1:1';
const REFUSED = /Unauthorized|logged in to the server/;
const NOT_TRUSTED = /certificate|altnames/i;
const NO_NAME = /no such host|ENOTFOUND|EAI_AGAIN|server misbehaving|lookup/;
const NO_CREDENTIALS = /Please enter Username|has no credentials/;
const GROUP = 'client.authentication.k8s.io';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const shell = (...lines: readonly string[]): string => ['#!/bin/sh', ...lines, ''].join('\n');

/** A line of a program that tells credentials. */
const tells = (status: object, version = 'v1'): string =>
  `echo '${JSON.stringify({ apiVersion: `${GROUP}/${version}`, kind: 'ExecCredential', status })}'`;

/** A user whose credentials a program tells. */
const plugin = (lines: readonly string[], more: object = {}): Pick<Row, 'user' | 'files'> => ({
  user: {
    exec: { apiVersion: `${GROUP}/v1`, interactiveMode: 'IfAvailable', command: './login.sh', ...more },
  },
  files: { 'login.sh': shell(...lines) },
});

/** A whole kubeconfig in which all entries have one name. */
const oneName = (name: string, server: string, current: string): string =>
  JSON.stringify({
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { token: 'guest-token' } }],
    'current-context': current,
  });

const UNKNOWN_ID_TOKEN = idToken(4_102_444_801);
const UNKNOWN_USER = { token: 'stale' };

export function kubeconfigs(reached: Reached): readonly Row[] {
  return [
    ...tokens(),
    ...certificates(reached),
    ...others(reached),
    ...plugins(reached),
    ...clusters(reached),
    ...ways(reached),
    ...texts(),
    ...lists(reached),
  ];
}

const tokens = (): Row[] => [
  { what: 'a token', user: ADMIN, sees: 'admin' },
  { what: 'a token that nobody knows', user: UNKNOWN_USER, says: REFUSED },
  {
    what: "a token's file, relative to the kubeconfig",
    user: { tokenFile: 'deep/token' },
    files: { 'deep/token': 'guest-token\n' },
    sees: 'guest',
  },
  {
    what: "a token's file, wherever it lies",
    user: { tokenFile: 'FOLDER/token' },
    files: { token: '\n guest-token\n' },
    sees: 'guest',
  },
  {
    what: "a token beside a token's file, of which the file counts",
    user: { ...UNKNOWN_USER, tokenFile: 'token' },
    files: { token: 'admin-token' },
    sees: 'admin',
  },
  { what: "a token's file that is not there", user: { tokenFile: 'absent' }, says: /absent/ },
  {
    what: "a token's file of two lines",
    user: { tokenFile: 'FOLDER/token' },
    files: { token: 'admin-token\nsecond\n' },
    says: /invalid header|token:2: more than a token/,
  },
];

const certificates = ({ certPem, keyPem, otherCa }: Reached): Row[] => {
  const data = { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) };
  return [
    { what: 'a client certificate', user: data, sees: 'dev' },
    {
      what: 'a client certificate in files, relative to the kubeconfig',
      user: { 'client-certificate': 'dev.crt', 'client-key': 'keys/dev.key' },
      files: { 'dev.crt': certPem, 'keys/dev.key': keyPem },
      sees: 'dev',
    },
    { what: 'a client certificate and a token', user: { ...data, ...ADMIN }, sees: 'dev' },
    {
      what: 'a client certificate without its key',
      user: { 'client-certificate-data': data['client-certificate-data'] },
      says: /client-?key/i,
    },
    {
      what: 'a client certificate with the key of another',
      user: { ...data, 'client-key-data': base64(otherCa.key) },
      says: /private key/,
    },
  ];
};

const others = ({ issuer, otherCa }: Reached): Row[] => [
  { what: 'a user that is empty', user: null, says: NO_CREDENTIALS },
  { what: 'a context without a user', user: ADMIN, names: { user: undefined }, says: NO_CREDENTIALS },
  {
    what: 'a user that is not there',
    user: ADMIN,
    names: { user: 'gone' },
    says: /user gone|Please enter Username/,
  },
  {
    what: 'a cluster that is not there',
    user: ADMIN,
    names: { cluster: 'gone' },
    says: /cluster gone|localhost:8080/,
  },
  {
    what: 'texts that are empty',
    cluster: { 'proxy-url': '', 'tls-server-name': '' },
    user: { ...ADMIN, as: '', username: '', 'as-groups': [], 'client-certificate': '' },
    names: { namespace: '' },
    sees: 'admin',
  },
  { what: 'as', user: { ...ADMIN, as: 'drill-bot' }, sees: 'drill-bot' },
  {
    what: 'as with groups, a UID and more',
    user: {
      ...ADMIN,
      ...{ as: 'drill-bot', 'as-groups': ['drills'], 'as-uid': '7', 'as-user-extra': { team: ['shop'] } },
    },
    sees: 'drill-bot',
  },
  {
    what: 'as, by somebody who may not',
    user: { token: 'guest-token', as: 'admin' },
    says: /cannot impersonate|do not have permission/,
  },
  {
    what: 'groups without a name',
    user: { ...ADMIN, 'as-groups': ['drills'] },
    says: /without impersonating/,
  },
  {
    what: 'a name and a password',
    user: { username: 'dev', password: 'secret' },
    says: /system:anonymous|do not have permission/,
  },
  {
    what: 'an auth provider that is no more',
    user: { 'auth-provider': { name: 'gcp' } },
    says: /gcp auth plugin|No Auth Provider/i,
  },
  {
    what: 'OIDC',
    user: {
      'auth-provider': {
        name: 'oidc',
        config: { 'client-id': 'a', 'idp-issuer-url': 'https://127.0.0.1:1', 'id-token': UNKNOWN_ID_TOKEN },
      },
    },
    says: REFUSED,
  },
  {
    what: 'OIDC with a token that has run out, and nobody to renew it',
    user: {
      'auth-provider': {
        name: 'oidc',
        config: { 'client-id': 'a', 'idp-issuer-url': 'https://127.0.0.1:1' },
      },
    },
    says: /No valid id-token/,
  },
  {
    what: 'OIDC with a token that has run out, which the provider renews',
    user: {
      'auth-provider': {
        name: 'oidc',
        config: {
          'client-id': 'a',
          'idp-issuer-url': issuer,
          'idp-certificate-authority-data': base64(otherCa.cert),
          'id-token': idToken(1e9),
          'refresh-token': 'refresh',
        },
      },
    },
    sees: 'admin',
  },
];

const plugins = ({ certPem, keyPem }: Reached): Row[] => [
  { what: 'a plug-in', ...plugin([tells(ADMIN)]), sees: 'admin' },
  {
    what: 'a plug-in of v1beta1',
    ...plugin([tells(ADMIN, 'v1beta1')], { apiVersion: `${GROUP}/v1beta1`, interactiveMode: undefined }),
    sees: 'admin',
  },
  {
    what: 'a plug-in with arguments and variables',
    ...plugin([`[ "$1 $WHO" = "get-token dev" ] && ${tells(ADMIN)}`], {
      args: ['get-token'],
      env: [{ name: 'WHO', value: 'dev' }],
    }),
    sees: 'admin',
  },
  {
    what: 'a plug-in that asks which cluster it is',
    cluster: { extensions: [{ name: `${GROUP}/exec`, extension: { audience: 'drills' } }] },
    ...plugin(
      [
        `case "$KUBERNETES_EXEC_INFO" in *'"audience":"drills"'*) ${tells(ADMIN)} ;; *) echo "$KUBERNETES_EXEC_INFO" >&2; exit 3 ;; esac`,
      ],
      { provideClusterInfo: true },
    ),
    sees: 'admin',
  },
  {
    what: 'a plug-in that gives a client certificate',
    ...plugin([
      tells({ clientCertificateData: certPem, clientKeyData: keyPem }).replace("echo '", "printf '%s' '"),
    ]),
    sees: 'dev',
  },
  {
    what: 'a plug-in that is not there, and how to have it',
    ...plugin([], { command: 'firedrill-corp-login', installHint: 'ask the help desk for corp-login' }),
    says: /ask the help desk for corp-login/,
  },
  { what: 'a plug-in that fails', ...plugin(['exit 3']), says: /failed with exit code 3/ },
  { what: 'a plug-in that says something else', ...plugin(['echo hello']), says: /decoding stdout/ },
  {
    what: 'a plug-in that answers in another version',
    ...plugin([tells(ADMIN, 'v1beta1')]),
    says: /plugin returned version/,
  },
  {
    what: 'a plug-in of v1 that does not say whether it asks',
    ...plugin([tells(ADMIN)], { interactiveMode: undefined }),
    says: /interactiveMode must be specified/,
  },
  {
    what: 'a plug-in that has to ask, without a terminal',
    ...plugin([tells(ADMIN)], { interactiveMode: 'Always' }),
    says: /standard input/,
  },
  { what: 'a plug-in whose token nobody knows', ...plugin([tells(UNKNOWN_USER)]), says: REFUSED },
];

const clusters = ({ server, caPem, otherCa, ipv6, below, plain }: Reached): Row[] => {
  const noAuthority = { 'certificate-authority-data': undefined };
  const insecure = { 'insecure-skip-tls-verify': true };
  return [
    {
      what: 'an authority in a file, relative to the kubeconfig',
      cluster: { ...noAuthority, 'certificate-authority': 'pki/ca.crt' },
      user: ADMIN,
      files: { 'pki/ca.crt': caPem },
      sees: 'admin',
    },
    {
      what: "an authority's file that is not there",
      cluster: { ...noAuthority, 'certificate-authority': 'pki/ca.crt' },
      user: ADMIN,
      says: /pki\/ca\.crt/,
    },
    {
      what: 'an authority that is no PEM',
      cluster: { 'certificate-authority-data': base64('no PEM') },
      user: ADMIN,
      says: /unable to (load|parse).*(certificate|PEM)/,
    },
    {
      what: 'the authority of another cluster',
      cluster: { 'certificate-authority-data': base64(otherCa.cert) },
      user: ADMIN,
      says: NOT_TRUSTED,
    },
    {
      what: 'two authorities, of which one is the right one',
      cluster: { 'certificate-authority-data': base64(otherCa.cert + caPem) },
      user: ADMIN,
      sees: 'admin',
    },
    { what: "no authority: the machine's", cluster: noAuthority, user: ADMIN, says: NOT_TRUSTED },
    {
      what: 'a server that is not looked at',
      cluster: { ...noAuthority, ...insecure },
      user: ADMIN,
      sees: 'admin',
    },
    {
      what: 'an authority and a server that is not looked at',
      cluster: insecure,
      user: ADMIN,
      says: /insecure/,
    },
    {
      what: "the server's name",
      cluster: { 'tls-server-name': 'api.example.test' },
      user: ADMIN,
      sees: 'admin',
    },
    {
      what: 'the name of another',
      cluster: { 'tls-server-name': 'other.test' },
      user: ADMIN,
      says: NOT_TRUSTED,
    },
    { what: 'an IPv6 address', cluster: { server: ipv6 }, user: ADMIN, sees: 'admin' },
    {
      what: 'a server below a path',
      cluster: { server: below, 'certificate-authority-data': base64(otherCa.cert) },
      user: ADMIN,
      sees: 'admin',
    },
    {
      what: 'a server below a path, and a plug-in',
      cluster: { server: below, 'certificate-authority-data': base64(otherCa.cert) },
      ...plugin([tells(ADMIN)]),
      sees: 'admin',
    },
    { what: 'a server without TLS', cluster: { ...noAuthority, server: plain }, user: null, sees: 'admin' },
    {
      what: 'a server without TLS, to which no credentials are shown',
      cluster: { ...noAuthority, server: plain },
      user: { token: 'guest-token' },
      sees: 'admin',
    },
    {
      what: 'as, to a server without TLS',
      cluster: { ...noAuthority, server: plain },
      user: { token: 'guest-token', as: 'drill-bot' },
      sees: 'drill-bot',
    },
    {
      what: 'a server without a scheme, to which TLS is not spoken',
      cluster: { server: server.replace('https://', '') },
      user: ADMIN,
      says: /rejected our request|HTTP request to an HTTPS server/,
    },
    {
      what: 'a server whose scheme is in capitals',
      cluster: { server: server.replace('https', 'HTTPS') },
      user: ADMIN,
      sees: 'admin',
    },
    { what: 'no server', cluster: { server: undefined }, user: ADMIN, says: /localhost:8080|has no server/ },
    {
      what: 'a server that is not there',
      cluster: { server: 'https://127.0.0.1:1' },
      user: ADMIN,
      says: /refused/i,
    },
    {
      what: 'a server that is not there, and a plug-in',
      cluster: { server: 'https://127.0.0.1:1' },
      ...plugin([tells(ADMIN)]),
      says: /refused/i,
    },
  ];
};

const ways = ({ httpProxy }: Reached): Row[] => {
  const named = { server: 'https://api.example.test:6443' };
  return [
    { what: 'proxy-url', cluster: { ...named, 'proxy-url': httpProxy }, user: ADMIN, sees: 'admin' },
    {
      what: 'proxy-url and a plug-in',
      cluster: { ...named, 'proxy-url': httpProxy },
      ...plugin([tells(ADMIN)]),
      sees: 'admin',
    },
    {
      what: 'a SOCKS proxy where nobody listens',
      cluster: { 'proxy-url': 'socks5://127.0.0.1:1' },
      user: ADMIN,
      says: /refused/i,
    },
    { what: 'HTTPS_PROXY', cluster: named, user: ADMIN, env: { HTTPS_PROXY: httpProxy }, sees: 'admin' },
    {
      what: 'HTTPS_PROXY for a server on loopback',
      user: ADMIN,
      env: { HTTPS_PROXY: NOBODY },
      sees: 'admin',
    },
    {
      what: 'NO_PROXY with the domain',
      cluster: named,
      user: ADMIN,
      env: { HTTPS_PROXY: httpProxy, NO_PROXY: '10.0.0.0/8, example.test' },
      says: NO_NAME,
    },
  ];
};

const texts = (): Row[] => [
  { what: 'a BOM', user: ADMIN, text: (usual) => `\uFEFF${usual}`, sees: 'admin' },
  {
    what: 'lines that end in CR LF',
    user: ADMIN,
    text: (usual) => JSON.stringify(JSON.parse(usual), null, 2).replaceAll('\n', '\r\n'),
    sees: 'admin',
  },
  {
    what: 'anchors',
    user: ADMIN,
    text: (usual) =>
      usual.replace('"user":{"token"', '"user":&u {"token"').replace('"extra":null', '"extra":*u'),
    sees: 'admin',
  },
  {
    what: 'a key that stands twice',
    user: ADMIN,
    text: (usual) => usual.replace('"token":', '"token":"stale","token":'),
    sees: 'admin',
  },
  {
    what: 'YAML that is broken',
    user: ADMIN,
    text: (usual) => usual.slice(0, -1),
    says: /yaml|did not find/i,
  },
  {
    what: 'a text that is no kubeconfig',
    user: ADMIN,
    text: () => 'hello',
    says: /cannot unmarshal|couldn't get version/,
  },
  {
    what: 'another user that is damaged',
    user: ADMIN,
    text: (usual) =>
      usual.replace(
        '"users":[',
        '"users":[{"name":"x","user":{"client-certificate":"absent","tokenFile":"absent"}},',
      ),
    sees: 'admin',
  },
  {
    what: 'a name with an apostrophe',
    user: ADMIN,
    text: (usual) => usual.replaceAll('"staging"', `"it's prod/eu (blue)"`),
    context: "it's prod/eu (blue)",
    sees: 'admin',
  },
  { what: 'a context that is not there', user: ADMIN, context: 'production', says: /production/ },
  { what: 'no current context', user: ADMIN, context: null, says: /current|localhost:8080|context/ },
];

const lists = ({ server }: Reached): Row[] => [
  {
    what: 'a list with a file that is not there and one that is empty',
    user: ADMIN,
    files: { empty: '# nothing yet\n' },
    list: ['absent', 'empty', 'config'],
    sees: 'admin',
  },
  {
    what: 'a list in which the first of a name counts, the other way round',
    user: ADMIN,
    files: { second: oneName('staging', server, 'staging') },
    list: ['second', 'config'],
    sees: 'guest',
  },
  {
    what: 'a list in which a later file has the current context',
    user: ADMIN,
    files: { second: oneName('other', server, 'other') },
    list: ['config', 'second'],
    context: null,
    sees: 'guest',
  },
  {
    what: 'a list with a broken file',
    user: ADMIN,
    files: { second: 'clusters: [' },
    list: ['config', 'second'],
    says: /second/,
  },
  { what: 'a file that is not there', user: ADMIN, list: ['absent'], says: /context|absent/ },
  { what: 'a folder', user: ADMIN, files: { 'folder/file': '' }, list: ['folder'], says: /is a directory/ },
];
