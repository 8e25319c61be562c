module firedrill.local/cni

go 1.26.0

require (
	github.com/containernetworking/plugins v1.9.1
	github.com/vishvananda/netlink v1.3.1
	github.com/vishvananda/netns v0.0.5
	golang.org/x/sys v0.40.0
	sigs.k8s.io/knftables v0.0.21
)
