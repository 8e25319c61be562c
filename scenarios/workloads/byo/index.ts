/**
 * A workload as a user describes it: manifests in a file, unchanged. The keys of `images` are the references that
 * stand in the manifests; each is replaced by the image that is built for it. Images that the cluster can pull need
 * no entry.
 */
export const greeter = {
  name: 'greeter',
  images: {
    'example.test/greeter:1.4.2': {
      name: 'greeter',
      entry: new URL('./greeter.ts', import.meta.url),
      packages: [],
    },
  },
  manifests: new URL('./greeter.yaml', import.meta.url),
  probe: {
    url: 'http://greeter.greetings.svc.cluster.local:8000/',
    expect: { status: 200, bodyIncludes: 'good day' },
  },
  capacity: { namespace: 'greetings', selector: 'app.kubernetes.io/name=greeter', replicas: 3 },
} as const;
