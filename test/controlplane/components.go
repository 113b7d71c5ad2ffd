package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// pollInterval is short: each poll is one request on this machine, and the start should not wait for it.
	pollInterval = 20 * time.Millisecond
	// startTimeout is far more than a start takes on a machine that is busy with everything else.
	startTimeout = 2 * time.Minute
)

// startAll starts the components in the order in which they need each other.
func (p *plane) startAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("the control plane was not ready after %s", startTimeout))
	defer cancel()
	var err error
	if p.ports, err = takePorts(); err != nil {
		return err
	}
	if err := p.writeKubeconfig(); err != nil {
		return err
	}
	etcd, err := p.startEtcd()
	if err != nil {
		return err
	}
	// The API server would try again only after a second if etcd were not there yet.
	if err := waitFor(ctx, etcd, p.isEtcdHealthy); err != nil {
		return err
	}
	request, err := p.requester()
	if err != nil {
		return err
	}
	apiServer, err := p.launchAPIServer()
	if err != nil {
		return err
	}
	// The API server answers its administrator a second before it is ready (it waits for its own roles).
	isServing := func(ctx context.Context) bool { return request(ctx, "/api/v1/nodes") == http.StatusOK }
	if err := waitFor(ctx, apiServer, isServing); err != nil {
		return err
	}
	clients, err := newClients(p.folder.file("kubeconfig"))
	if err != nil {
		return err
	}
	scheduler, err := p.startScheduler()
	if err != nil {
		return err
	}
	// kwok looks for these definitions when it starts, so they come first.
	if err := clients.createDefinitions(ctx); err != nil {
		return err
	}
	kwok, err := p.startKwok()
	if err != nil {
		return err
	}
	if err := clients.createNodes(ctx, p.ports.kubelet); err != nil {
		return err
	}
	// The controller manager would look again only after a second if the API server were not ready yet.
	if err := waitFor(ctx, apiServer, p.isReady(request)); err != nil {
		return err
	}
	controllerManager, err := p.startControllerManager()
	if err != nil {
		return err
	}
	return errors.Join(
		waitFor(ctx, kwok, func(context.Context) bool { return accepts(p.ports.kubelet) }),
		waitFor(ctx, kwok, clients.areNodesReady),
		waitFor(ctx, controllerManager, clients.hasDefaultServiceAccount),
		waitFor(ctx, scheduler, clients.areDefinitionsEstablished),
		waitFor(ctx, etcd, func(context.Context) bool { return true }),
	)
}

func (p *plane) startEtcd() (*component, error) {
	client, peer := "http://"+address(p.ports.etcd), "http://"+address(p.ports.etcdPeer)
	return p.start("etcd",
		"--data-dir", p.folder.file("etcd"),
		"--listen-client-urls", client,
		"--advertise-client-urls", client,
		"--listen-peer-urls", peer,
		"--initial-advertise-peer-urls", peer,
		"--initial-cluster", "default="+peer,
		"--unsafe-no-fsync",
		"--log-level", "warn",
	)
}

// restartAPIServer starts kube-apiserver again, and returns when it says that it is ready.
func (p *plane) restartAPIServer(ctx context.Context) error {
	request, err := p.requester()
	if err != nil {
		return err
	}
	apiServer, err := p.launchAPIServer()
	if err != nil {
		return err
	}
	return waitFor(ctx, apiServer, p.isReady(request))
}

type requester func(ctx context.Context, path string) int

func (p *plane) isReady(request requester) func(context.Context) bool {
	return func(ctx context.Context) bool { return request(ctx, "/readyz") == http.StatusOK }
}

func (p *plane) launchAPIServer() (*component, error) {
	certs := func(name string) string { return p.folder.file("certs", name) }
	return p.start("kube-apiserver",
		"--etcd-servers", "http://"+address(p.ports.etcd),
		"--secure-port", fmt.Sprint(p.ports.apiServer),
		"--bind-address", "127.0.0.1",
		"--advertise-address", "127.0.0.1",
		"--cert-dir", p.folder.file("certs"),
		"--tls-cert-file", certs("apiserver.crt"),
		"--tls-private-key-file", certs("apiserver.key"),
		"--client-ca-file", certs("ca.crt"),
		"--kubelet-certificate-authority", certs("ca.crt"),
		// The names of the fake nodes resolve nowhere.
		"--kubelet-preferred-address-types", "InternalIP",
		"--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", certs("service-account.key"),
		"--service-account-signing-key-file", certs("service-account.key"),
		"--service-cluster-ip-range", "10.96.0.0/16",
		"--token-auth-file", certs("tokens.csv"),
		"--authorization-mode", "Node,RBAC",
		"--allow-privileged=true",
		// Nobody balances load over this one server, and a restart of it should be quick.
		"--shutdown-delay-duration", "0s",
	)
}

func (p *plane) startControllerManager() (*component, error) {
	return p.start("kube-controller-manager",
		"--kubeconfig", p.folder.file("kubeconfig"),
		"--service-account-private-key-file", p.folder.file("certs", "service-account.key"),
		"--root-ca-file", p.folder.file("certs", "ca.crt"),
		"--use-service-account-credentials",
		"--leader-elect=false",
		"--secure-port", "0",
		// The defaults protect a shared server; here they would slow down tests.
		"--kube-api-qps", "500",
		"--kube-api-burst", "1000",
	)
}

func (p *plane) startScheduler() (*component, error) {
	return p.start("kube-scheduler",
		"--kubeconfig", p.folder.file("kubeconfig"),
		"--leader-elect=false",
		"--secure-port", "0",
		"--kube-api-qps", "500",
		"--kube-api-burst", "1000",
	)
}

func (p *plane) startKwok() (*component, error) {
	stages, err := filepath.Glob(filepath.Join(p.options.stages, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("there are no Stage objects (*.yaml) in %s", p.options.stages)
	}
	return p.start("kwok",
		"--config", strings.Join(stages, ","),
		"--kubeconfig", p.folder.file("kubeconfig"),
		"--manage-all-nodes",
		// Without leases the nodes, and every pod with them, turn NotReady after 40 s.
		"--node-lease-duration-seconds", "40",
		"--cidr", podCIDR,
		"--node-ip", "127.0.0.1",
		"--node-port", fmt.Sprint(p.ports.kubelet),
		"--server-address", address(p.ports.kubelet),
		"--tls-cert-file", p.folder.file("certs", "apiserver.crt"),
		"--tls-private-key-file", p.folder.file("certs", "apiserver.key"),
		"--enable-crds", strings.Join(kubeletKinds, ","),
	)
}

// waitFor polls `ready` until it is true; the end of the component ends the wait. That is looked at first:
// it may be a stranger who answers, on a port that the component did not get.
func waitFor(ctx context.Context, subject *component, ready func(context.Context) bool) error {
	for subject.hasEnded() || !ready(ctx) {
		select {
		case <-subject.done:
			return subject.failure()
		case <-ctx.Done():
			cause := context.Cause(ctx)
			if errors.Is(cause, errStopped) {
				return cause
			}
			return fmt.Errorf("%w; waiting for %s; the end of its log:\n%s", cause, subject.name, lastLines(subject.logFile, 12))
		case <-time.After(pollInterval):
		}
	}
	return nil
}

func (p *plane) isEtcdHealthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(p.ports.etcd)+"/health", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func accepts(port int) bool {
	connection, err := net.DialTimeout("tcp", address(port), time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// requester returns a function that gets a path of the API server and returns the status, 0 without an answer.
func (p *plane) requester() (requester, error) {
	authority, err := os.ReadFile(p.folder.file("certs", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
	}
	return func(ctx context.Context, path string) int {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server()+path, nil)
		if err != nil {
			return 0
		}
		request.Header.Set("Authorization", "Bearer "+p.token)
		response, err := client.Do(request)
		if err != nil {
			return 0
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response.StatusCode
	}, nil
}
