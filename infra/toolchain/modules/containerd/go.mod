module firedrill.local/containerd

go 1.26.6

require (
	github.com/beorn7/perks v1.0.1
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/containerd/containerd/v2 v2.4.1
	github.com/coreos/go-systemd/v22 v22.7.0
	github.com/distribution/reference v0.6.0
	github.com/docker/go-units v0.5.0
	github.com/emicklei/go-restful/v3 v3.13.0
	github.com/felixge/httpsnoop v1.0.4
	github.com/fsnotify/fsnotify v1.9.0
	github.com/fxamacker/cbor/v2 v2.9.0
	github.com/go-logr/logr v1.4.3
	github.com/go-logr/stdr v1.2.2
	github.com/godbus/dbus/v5 v5.2.2
	github.com/google/uuid v1.6.0
	github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus v1.1.0
	github.com/grpc-ecosystem/go-grpc-middleware/v2 v2.3.3
	github.com/moby/spdystream v0.5.1
	github.com/moby/sys/mountinfo v0.7.2
	github.com/moby/sys/userns v0.1.0
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822
	github.com/prometheus/client_golang v1.23.2
	github.com/prometheus/client_model v0.6.2
	github.com/prometheus/common v0.67.5
	github.com/prometheus/procfs v0.19.2
	github.com/vishvananda/netlink v1.3.1
	github.com/vishvananda/netns v0.0.5
	github.com/x448/float16 v0.8.4
	go.yaml.in/yaml/v2 v2.4.3
	go.yaml.in/yaml/v3 v3.0.4
	golang.org/x/crypto v0.47.0
	golang.org/x/net v0.49.0
	golang.org/x/sync v0.19.0
	golang.org/x/sys v0.40.0
	golang.org/x/term v0.39.0
	golang.org/x/text v0.33.0
	golang.org/x/time v0.14.0
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260128011058-8636f8732409
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.12-0.20260120151049-f2248ac996af
	gopkg.in/inf.v0 v0.9.1
	sigs.k8s.io/json v0.0.0-20250730193827-2d320260d730
	sigs.k8s.io/yaml v1.6.0
)

exclude github.com/felixge/httpsnoop v1.1.0

exclude github.com/fsnotify/fsnotify v1.10.1

exclude github.com/fxamacker/cbor/v2 v2.9.4

exclude github.com/go-logr/logr v1.4.4

exclude github.com/moby/sys/userns v0.2.1

exclude github.com/prometheus/client_golang v1.24.1

exclude github.com/prometheus/common v0.70.1

exclude github.com/prometheus/procfs v0.21.1

exclude go.yaml.in/yaml/v2 v2.4.4

exclude go.yaml.in/yaml/v3 v3.0.5

exclude golang.org/x/crypto v0.56.0

exclude golang.org/x/net v0.58.0

exclude golang.org/x/sync v0.23.0

exclude golang.org/x/sys v0.48.0

exclude golang.org/x/term v0.45.0

exclude golang.org/x/text v0.41.0

exclude golang.org/x/time v0.16.0

exclude google.golang.org/genproto/googleapis/rpc v0.0.0-20260825221802-da73d73af1c5

exclude google.golang.org/grpc v1.83.2

exclude google.golang.org/protobuf v1.36.12
