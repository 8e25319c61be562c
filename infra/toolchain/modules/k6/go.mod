module firedrill.local/k6

go 1.26.0

require (
	github.com/beorn7/perks v1.0.1
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/go-logr/logr v1.4.3
	github.com/go-logr/stdr v1.2.2
	github.com/golang/protobuf v1.5.4
	github.com/google/uuid v1.6.0
	github.com/gorilla/websocket v1.5.4-0.20250319132907-e064f32e3674
	github.com/grpc-ecosystem/go-grpc-middleware v1.3.0
	github.com/josharian/intern v1.0.0
	github.com/mailru/easyjson v0.7.7
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822
	github.com/prometheus/client_golang v1.23.2
	github.com/prometheus/client_model v0.6.2
	github.com/prometheus/common v0.67.5
	github.com/prometheus/procfs v0.19.2
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.0.9
	go.k6.io/k6 v1.8.1
	go.yaml.in/yaml/v2 v2.4.3
	golang.org/x/crypto v0.47.0
	golang.org/x/net v0.49.0
	golang.org/x/sync v0.19.0
	golang.org/x/sys v0.40.0
	golang.org/x/term v0.39.0
	golang.org/x/text v0.33.0
	golang.org/x/time v0.14.0
	google.golang.org/genproto/googleapis/api v0.0.0-20260128011058-8636f8732409
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260128011058-8636f8732409
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.12-0.20260120151049-f2248ac996af
	gopkg.in/yaml.v3 v3.0.1
)

exclude github.com/grpc-ecosystem/go-grpc-middleware v1.4.0

exclude github.com/mailru/easyjson v0.9.0

exclude golang.org/x/crypto v0.53.0

exclude golang.org/x/net v0.56.0

exclude golang.org/x/sync v0.21.0

exclude golang.org/x/sys v0.46.0

exclude golang.org/x/term v0.44.0

exclude golang.org/x/text v0.39.0

exclude google.golang.org/genproto/googleapis/api v0.0.0-20260414002931-afd174a4e478

exclude google.golang.org/genproto/googleapis/rpc v0.0.0-20260414002931-afd174a4e478

exclude google.golang.org/grpc v1.82.1
