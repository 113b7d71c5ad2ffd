package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// state describes a running control plane for those who want to use it: it is the content of
// controlplane.json and of the "ready" event.
type state struct {
	Pid        int    `json:"pid"`
	Binary     string `json:"binary"`
	DataDir    string `json:"dataDir"`
	Kubeconfig string `json:"kubeconfig"`
	Server     string `json:"server"`
	Token      string `json:"token"`
	CAFile     string `json:"caFile"`
	CertDir    string `json:"certDir"`
	Detached   bool   `json:"detached"`
	// ControlURL and ControlToken reach the control server, see control.go.
	ControlURL   string `json:"controlUrl"`
	ControlToken string `json:"controlToken"`
	// Addresses are host:port by component, Processes are process ids by component.
	Addresses map[string]string `json:"addresses"`
	Processes map[string]int    `json:"processes"`
}

// plane is a control plane whose components run.
type plane struct {
	folder  folder
	options options
	binary  string
	// lifeline is given to every child; nobody writes to `held`, it only has to stay open while we live.
	lifeline, held *os.File
	ports          ports
	token          string
	control        *control

	mutex      sync.Mutex
	components map[string]*component
	// stopping refuses new components, which nobody would end.
	stopping bool
	// ended receives the components that have ended by themselves.
	ended chan *component
}

type ports struct{ etcd, etcdPeer, apiServer, kubelet int }

const startAttempts = 4

// startPlane starts everything and waits until it is ready. The plane that it returns has to be stopped,
// even after an error.
func startPlane(ctx context.Context, f folder, parsed options) (*plane, error) {
	p := &plane{folder: f, options: parsed, components: map[string]*component{}, ended: make(chan *component)}
	var err error
	if p.binary, err = os.Executable(); err != nil {
		return p, err
	}
	if p.lifeline, p.held, err = os.Pipe(); err != nil {
		return p, err
	}
	if err := p.writeFiles(); err != nil {
		return p, err
	}
	if p.control, err = startControl(p); err != nil {
		return p, err
	}
	for attempt := 1; ; attempt++ {
		err = p.startAll(ctx)
		if err == nil || !p.hasLostPort() || attempt == startAttempts {
			break
		}
		// Somebody took one of our ports between our look and the component's: all again with others.
		p.stopComponents(0)
	}
	if err != nil {
		if ctx.Err() != nil {
			return p, context.Cause(ctx)
		}
		return p, err
	}
	current := p.state()
	if err := writeAtomically(f.file(stateName), current); err != nil {
		return p, err
	}
	emit(event{Event: "ready", State: &current})
	return p, nil
}

func (p *plane) state() state {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	processes := map[string]int{}
	for name, running := range p.components {
		processes[name] = running.pid()
	}
	return state{
		Pid: os.Getpid(), Binary: p.binary, DataDir: p.folder.path, Kubeconfig: p.folder.file("kubeconfig"),
		Server: p.server(), Token: p.token, CAFile: p.folder.file("certs", "ca.crt"), CertDir: p.folder.file("certs"),
		Detached: p.options.detach, ControlURL: p.control.url, ControlToken: p.control.token,
		Addresses: map[string]string{
			"etcd":           address(p.ports.etcd),
			"kube-apiserver": address(p.ports.apiServer),
			"kwok":           address(p.ports.kubelet),
		},
		Processes: processes,
	}
}

func (p *plane) server() string { return "https://" + address(p.ports.apiServer) }

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// writeFiles writes all that does not depend on ports.
func (p *plane) writeFiles() error {
	if err := writeCertificates(p.folder); err != nil {
		return err
	}
	tokenFile := p.folder.file("certs", "admin.token")
	err := writeOnce(tokenFile, func() ([]byte, error) {
		token, err := randomToken()
		return []byte(token), err
	})
	if err != nil {
		return err
	}
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return err
	}
	p.token = string(token)
	line := fmt.Sprintf("%s,mesh-test-admin,mesh-test-admin,\"system:masters\"\n", p.token)
	return os.WriteFile(p.folder.file("certs", "tokens.csv"), []byte(line), 0o600)
}

func (p *plane) writeKubeconfig() error {
	authority, err := os.ReadFile(p.folder.file("certs", "ca.crt"))
	if err != nil {
		return err
	}
	content := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: mesh-test
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: mesh-test
  user:
    token: %s
contexts:
- name: mesh-test
  context:
    cluster: mesh-test
    user: mesh-test
current-context: mesh-test
`, p.server(), base64.StdEncoding.EncodeToString(authority), p.token)
	return os.WriteFile(p.folder.file("kubeconfig"), []byte(content), 0o600)
}

// takePorts finds ports that are free now. They lie below the range from which the kernel gives out
// ephemeral ports, so that no outgoing connection takes them before the component does.
func takePorts() (ports, error) {
	var held []net.Listener
	defer func() {
		for _, listener := range held {
			_ = listener.Close()
		}
	}()
	var found []int
	for tries := 0; len(found) < 4; tries++ {
		if tries == 1000 {
			return ports{}, errors.New("no free ports between 20000 and 30000 on 127.0.0.1")
		}
		port := 20000 + rand.IntN(10000)
		listener, err := net.Listen("tcp", address(port))
		if err != nil {
			continue
		}
		held = append(held, listener)
		found = append(found, port)
	}
	return ports{found[0], found[1], found[2], found[3]}, nil
}

// run waits until `ctx` ends, somebody asks for the end, or a component ends by itself.
func (p *plane) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.control.stopped:
			return errStopped
		case ended := <-p.ended:
			// One of an earlier attempt to start says nothing about this one.
			if p.isCurrent(ended) {
				return ended.failure()
			}
		}
	}
}

// end stops everything, removes the data folder unless it is to be kept, and answers whoever asked for it.
// Components are killed at once when their data goes away with them, and asked to end when it stays.
func (p *plane) end(keepData bool) error {
	p.mutex.Lock()
	p.stopping = true
	p.mutex.Unlock()
	patience := time.Duration(0)
	if keepData {
		patience = 5 * time.Second
	}
	_ = os.Remove(p.folder.file(stateName))
	p.stopComponents(patience)
	var err error
	if !keepData {
		err = os.RemoveAll(p.folder.path)
	}
	if p.control != nil {
		p.control.close()
	}
	return err
}

func (p *plane) stopComponents(patience time.Duration) {
	// etcd last: the others would spend their time on reconnecting.
	for _, names := range [][]string{{"kwok", "kube-scheduler", "kube-controller-manager"}, {"kube-apiserver"}, {"etcd"}} {
		var group sync.WaitGroup
		for _, name := range names {
			group.Go(func() { p.stopComponent(name, patience) })
		}
		group.Wait()
	}
}

func (p *plane) stopComponent(name string, patience time.Duration) {
	p.mutex.Lock()
	running, found := p.components[name]
	// Removed first: an end that was asked for is no failure.
	delete(p.components, name)
	p.mutex.Unlock()
	if found {
		running.stop(patience)
	}
}

func (p *plane) start(name string, flags ...string) (*component, error) {
	command, err := p.commandOf(name)
	if err != nil {
		return nil, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.stopping {
		return nil, errStopped
	}
	started, err := startComponent(name, append(command, flags...), p.folder.file("logs"), p.lifeline)
	if err != nil {
		return nil, err
	}
	p.components[name] = started
	go func() {
		<-started.done
		if p.isCurrent(started) {
			p.ended <- started
		}
	}()
	return started, nil
}

func (p *plane) isRunning(name string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_, found := p.components[name]
	return found
}

func (p *plane) isCurrent(candidate *component) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.components[candidate.name] == candidate
}

// hasLostPort says whether a component has ended because its port was taken.
func (p *plane) hasLostPort() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, running := range p.components {
		if running.hasEnded() && strings.Contains(lastLines(running.logFile, 12), "address already in use") {
			return true
		}
	}
	return false
}

// commandOf honours KUBEBUILDER_ASSETS, the convention of envtest: a folder with kube-apiserver and etcd.
func (p *plane) commandOf(name string) ([]string, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" || (name != "etcd" && name != "kube-apiserver") {
		return []string{p.binary, name}, nil
	}
	file := filepath.Join(assets, name)
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("KUBEBUILDER_ASSETS names the folder %s, which holds no %s", assets, name)
	}
	return []string{p.binary, "guard", file}, nil
}
