package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// event is one JSON line on the standard output of `up`.
type event struct {
	// Event is "ready" (with State), or "failed" (with Message).
	Event   string `json:"event"`
	Message string `json:"message,omitempty"`
	State   *state `json:"state,omitempty"`
}

type options struct {
	directory string
	stages    string
	detach    bool
	keepData  bool
}

func parseOptions(arguments []string) (options, error) {
	var parsed options
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.StringVar(&parsed.directory, "dir", "", "data folder: empty, or made by an earlier run (default: a temporary one)")
	flags.StringVar(&parsed.stages, "stages", "", "folder with the Stage objects of kwok")
	flags.BoolVar(&parsed.detach, "detach", false, "live on when the standard input closes")
	flags.BoolVar(&parsed.keepData, "keep-data", false, "do not remove the data folder at the end")
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	if parsed.stages == "" {
		return options{}, errors.New("--stages is needed")
	}
	return parsed, nil
}

// up runs a control plane until something ends it: the end of its standard input (unless detached), SIGINT,
// SIGTERM, a stop request of the control server, or the end of a component. It returns the exit code.
func up(arguments []string) int {
	// The reader of our output may be gone: that must not kill us before we have cleaned up.
	signal.Ignore(syscall.SIGPIPE)
	parsed, err := parseOptions(arguments)
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	stopOnSignals(cancel)
	if !parsed.detach {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel(errStopped)
		}()
	}

	f, err := openFolder(parsed.directory)
	if err != nil {
		return fail(err)
	}
	plane, err := startPlane(ctx, f, parsed)
	if err != nil {
		err = errors.Join(err, plane.end(parsed.keepData))
		if errors.Is(err, errStopped) {
			return 0
		}
		return fail(err)
	}
	err = plane.run(ctx)
	if errors.Is(err, errStopped) {
		err = nil
	}
	if err != nil && parsed.detach {
		// Nobody listens to a detached one: the logs, and this, have to tell the story.
		_ = os.WriteFile(f.file("logs", "failure.log"), []byte(err.Error()+"\n"), 0o600)
		parsed.keepData = true
	}
	if err = errors.Join(err, plane.end(parsed.keepData)); err != nil {
		// The reader of events has gone away after "ready".
		fmt.Fprintln(os.Stderr, "The test control plane ended: "+err.Error())
		return 1
	}
	return 0
}

// errStopped is the cause of an end that somebody has asked for.
var errStopped = errors.New("stopped")

func stopOnSignals(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for range signals {
			cancel(errStopped)
		}
	}()
}

// fail tells the launcher why there will be no control plane.
func fail(err error) int {
	emit(event{Event: "failed", Message: err.Error()})
	return 1
}

func emit(line event) {
	data, err := json.Marshal(line)
	if err == nil {
		fmt.Println(string(data))
	}
}
