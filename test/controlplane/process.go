package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lifelineFD is where a child finds the read end of its supervisor's lifeline: a pipe that nobody writes to.
// It reads end-of-file when the supervisor is gone, even after SIGKILL, on every Unix.
const lifelineFD = 3

// lifelineVariable tells a child that descriptor 3 is a lifeline and not something of its caller's.
const lifelineVariable = "MESH_CONTROLPLANE_LIFELINE"

// exitWithSupervisor calls `end` when the supervisor of this process is gone; does nothing without one.
func exitWithSupervisor(end func()) {
	if os.Getenv(lifelineVariable) == "" {
		return
	}
	lifeline := os.NewFile(lifelineFD, "lifeline")
	syscall.CloseOnExec(lifelineFD)
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		end()
	}()
}

// guard runs a binary that knows nothing of lifelines (KUBEBUILDER_ASSETS) and ends it with the supervisor.
func guard(command []string) int {
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "usage: controlplane guard <file> [flags]")
		return 64
	}
	child := exec.Command(command[0], command[1:]...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	exitWithSupervisor(func() { _ = child.Process.Kill() })
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for received := range signals {
			_ = child.Process.Signal(received)
		}
	}()
	if err := child.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// component is a running child of the supervisor.
type component struct {
	name    string
	logFile string
	command *exec.Cmd
	// done is closed when the process has ended and was waited for; err is set before.
	done chan struct{}
	err  error
}

// startComponent runs `command` as leader of its own process group, so that a Ctrl-C of the terminal does
// not reach it and a kill reaches all that it has started. Output is appended to logs/<name>.log.
func startComponent(name string, command []string, logFolder string, lifeline *os.File) (*component, error) {
	logFile := filepath.Join(logFolder, name+".log")
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	child := exec.Command(command[0], command[1:]...)
	child.Stdout, child.Stderr = log, log
	child.ExtraFiles = []*os.File{lifeline}
	child.Env = append(os.Environ(), lifelineVariable+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := child.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", name, err)
	}
	started := &component{name: name, logFile: logFile, command: child, done: make(chan struct{})}
	go func() {
		started.err = child.Wait()
		close(started.done)
	}()
	return started, nil
}

func (c *component) pid() int { return c.command.Process.Pid }

func (c *component) hasEnded() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *component) signal(signal syscall.Signal) { _ = syscall.Kill(-c.pid(), signal) }

// stop asks the component to end, and kills its whole process group when it takes longer than `patience`.
func (c *component) stop(patience time.Duration) {
	if patience > 0 {
		c.signal(syscall.SIGTERM)
		select {
		case <-c.done:
		case <-time.After(patience):
		}
	}
	c.signal(syscall.SIGKILL)
	<-c.done
}

// failure describes why the component ended, with the last lines of its log.
func (c *component) failure() error {
	reason := "exit status 0"
	if c.err != nil {
		reason = c.err.Error()
	}
	return fmt.Errorf("%s ended (%s); the end of its log:\n%s", c.name, reason, lastLines(c.logFile, 12))
}

func lastLines(file string, count int) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
