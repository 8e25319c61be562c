import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { ensurePrograms, ensureSystemPrograms, SYSTEM_PROGRAMS, type SystemOptions } from './system.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const PACKAGES = { runc: 'runc', ip: 'iproute2', conntrack: 'conntrack' };

let folder: string;
let options: SystemOptions & { environment: NodeJS.ProcessEnv };
beforeEach(async () => {
  folder = temporaryDirectory('system');
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'sbin'));
  await program('bin/ip');
  options = {
    environment: { PATH: join(folder, 'bin'), HOME: folder },
    rootFolders: [join(folder, 'sbin')],
    isRoot: true,
  };
});

async function program(path: string, script = '#!/bin/sh\n'): Promise<void> {
  await writeFile(join(folder, path), script);
  await chmod(join(folder, path), 0o755);
}

/** An apt-get that notes how it was called and brings what it was asked for; only after an update where `fresh` is false. */
async function fakeApt(fresh = true): Promise<void> {
  if (fresh) await writeFile(join(folder, 'lists'), '');
  await program(
    'bin/apt-get',
    `#!/bin/sh
PATH=/usr/bin:/bin
echo "$DEBIAN_FRONTEND $*" >> '${folder}/apt.log'
[ "$1" = update ] && touch '${folder}/lists'
[ -f '${folder}/lists' ] || { echo 'E: Unable to locate package' >&2; exit 100; }
for name in runc conntrack; do
  case " $* " in *" $name "*) cp '${folder}/bin/ip' "${folder}/sbin/$name" ;; esac
done
`,
  );
}

const log = async () => (await readFile(join(folder, 'apt.log'), 'utf8')).trim().split('\n');

function refused(code: string, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof FiredrillError, String(error));
    assert.equal(error.code, code);
    assert.match(`${error.message} ${error.hint ?? ''}`, pattern);
    return true;
  };
}

test('what is missing is installed without questions, what is there is not, and it is said', async () => {
  await fakeApt();
  const messages: string[] = [];
  const found = await ensurePrograms(PACKAGES, {
    ...options,
    onProgress: (message) => messages.push(message),
  });
  assert.deepEqual(found, {
    runc: join(folder, 'sbin/runc'),
    ip: join(folder, 'bin/ip'),
    conntrack: join(folder, 'sbin/conntrack'),
  });
  const [call, ...more] = await log();
  assert.match(call ?? '', /^noninteractive install -y .* runc conntrack$/);
  assert.deepEqual(more, []);
  assert.match(messages.join(), /installing runc, conntrack with apt-get/);
});

test('old package lists are fetched once before giving up', async () => {
  await fakeApt(false);
  await ensurePrograms(PACKAGES, options);
  assert.deepEqual(
    (await log()).map((line) => line.split(' ')[1]),
    ['install', 'update', 'install'],
  );
});

test('where installing is forbidden or impossible, the error names programs, packages and the reason', async () => {
  const missing = (pattern: RegExp) => refused('system.programs-missing', pattern);
  await assert.rejects(ensurePrograms(PACKAGES, options), missing(/lacks runc, conntrack.*no apt-get/));
  await fakeApt();
  await assert.rejects(
    ensurePrograms(PACKAGES, { ...options, isRoot: false }),
    missing(/only root.*install runc conntrack/),
  );
  for (const word of ['0', 'false', 'No', 'off', 'never']) {
    const environment = { ...options.environment, FIREDRILL_INSTALL_DEPS: word };
    await assert.rejects(
      ensurePrograms(PACKAGES, { ...options, environment }),
      missing(new RegExp(`FIREDRILL_INSTALL_DEPS=${word} forbids`)),
    );
  }
});

test('a package manager that fails is quoted', async () => {
  await program('bin/apt-get', '#!/bin/sh\necho "E: broken packages" >&2\nexit 100\n');
  await assert.rejects(
    ensurePrograms(PACKAGES, options),
    refused('system.install-failed', /broken packages/),
  );
});

test('every program of the table is found on a machine that has them all', async () => {
  for (const name of Object.keys(SYSTEM_PROGRAMS)) await program(`sbin/${name}`);
  assert.deepEqual(Object.keys(await ensureSystemPrograms(options)), Object.keys(SYSTEM_PROGRAMS));
});
