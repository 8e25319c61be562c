import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A client of an engine that is not there, for tests of what is asked of one and of what becomes of its answers:
 * `fake-docker.ts DIRECTORY ARGS...`. Its containers are a file of the directory, its calls another; with a file `stopped`
 * in it the engine does not answer.
 */
interface FakeContainer {
  status: 'running' | 'paused' | 'exited';
  network: string;
  address: string;
  /** Absent: it has whatever is asked for. */
  labels?: Record<string, string>;
}
export type FakeContainers = Record<string, FakeContainer>;

const [directory = '', ...args] = process.argv.slice(2);
const file = join(directory, 'containers.json');
holdAlone(join(directory, 'lock'));
const before = readFileSync(file, 'utf8');
const containers = JSON.parse(before) as FakeContainers;
appendFileSync(join(directory, 'calls'), `${args.join(' ')}\n`);

function fail(words: string, code = 1): never {
  process.stderr.write(`${words}\n`);
  process.exit(code);
}
function container(name: string | undefined): FakeContainer {
  return containers[name ?? ''] ?? fail(`Error response from daemon: No such container: ${name ?? ''}`);
}

if (existsSync(join(directory, 'stopped')))
  fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?');

const [verb, ...rest] = args;
const last = rest.at(-1);
const key = verb === 'container' || verb === 'network' ? `${verb} ${rest[0] ?? ''}` : verb;
switch (key) {
  case 'container inspect':
    process.stdout.write(JSON.stringify(rest.slice(1).map(inspected)));
    break;
  case 'update':
  case 'container cleanup':
    container(last);
    break;
  case 'ps':
    process.stdout.write(Object.keys(containers).filter(hasLabels).join('\n'));
    break;
  case 'kill':
    container(last).status = 'exited';
    break;
  case 'start':
  case 'restart':
  case 'unpause':
    container(last).status = 'running';
    break;
  case 'pause':
    container(last).status = 'paused';
    break;
  case 'network disconnect':
    Object.assign(container(last), { network: '' });
    break;
  case 'network connect':
    if (rest.includes('--ip'))
      fail('Error response from daemon: user specified IP address is supported only when ...');
    Object.assign(container(last), { network: rest.at(-2) });
    break;
  case 'run':
    containers[args[args.indexOf('--name') + 1] ?? ''] = {
      status: 'running',
      network: args[args.indexOf('--network') + 1] ?? '',
      address: '172.18.0.77',
    };
    break;
  case 'rm':
    container(last);
    Reflect.deleteProperty(containers, last ?? '');
    break;
  case 'exec':
    process.stdout.write(
      executed(
        rest
          .filter((word) => word !== '-i')
          .slice(1)
          .join(' '),
      ),
    );
    break;
  default:
    fail(`fake docker: what is ${args.join(' ')}?`, 64);
}
const after = JSON.stringify(containers);
if (after !== before) writeFileSync(file, after);

/** Two calls at once would lose what the first of them has changed; held until this process exits. */
function holdAlone(lock: string): void {
  for (;;) {
    try {
      mkdirSync(lock);
      process.once('exit', () => rmdirSync(lock));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function hasLabels(name: string): boolean {
  const { labels } = container(name);
  if (labels === undefined) return true;
  const has = Object.entries(labels).map(([key, value]) => `label=${key}=${value}`);
  return rest.filter((word) => word.startsWith('label=')).every((word) => has.includes(word));
}

function inspected(name: string): object {
  const { status, network, address } = container(name);
  const on = status !== 'exited';
  return {
    Name: `/${name}`,
    Config: { Image: 'node:v1', Labels: { 'io.x-k8s.kind.role': 'worker' } },
    State: { Status: status, Running: on, Paused: status === 'paused' },
    Mounts: [{ Type: 'volume', Destination: '/var' }],
    NetworkSettings: { Networks: network === '' ? {} : { [network]: { IPAddress: on ? address : '' } } },
  };
}

function executed(command: string): string {
  if (command.includes('token create')) return 'freshx.0123456789abcdef\n';
  if (command.includes('kubelet.conf')) return 'no\n';
  if (command.startsWith('cat '))
    return 'kind: JoinConfiguration\nnodeRegistration: {}\ndiscovery: { bootstrapToken: { token: old } }\n';
  return '';
}
