// One binary that holds a whole Kubernetes control plane for tests: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler and kwok (fake nodes and kubelets). No registry ships these as
// binaries, but all of them are Go modules, so one `go build` is all that a machine needs.
//
//	controlplane up [flags]             starts and supervises all components; what the launcher calls
//	controlplane <component> [flags]    runs one component with its own, usual flags
//	controlplane guard <file> [flags]   runs a foreign binary that ends when its supervisor does
package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	"sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: controlplane up|guard|etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kwok [flags]")
		os.Exit(64)
	}
	name := os.Args[1]
	// Every component parses os.Args itself, so the dispatching argument has to go.
	os.Args = append([]string{name}, os.Args[2:]...)

	switch name {
	case "up":
		os.Exit(up(os.Args[1:]))
	case "guard":
		os.Exit(guard(os.Args[1:]))
	}

	exitWithSupervisor(func() { os.Exit(1) })
	switch name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kwok":
		os.Exit(runKwok())
	default:
		fmt.Fprintf(os.Stderr, "controlplane: %q is not a component\n", name)
		os.Exit(64)
	}
}

// runKwok follows the steps of kwok's own main. Two traps: kubernetes has registered a --version flag of
// its own type on pflag.CommandLine, so kwok needs a fresh one; and without the contexts of log.InitFlags
// and config.InitFlags kwok starts and does nothing.
func runKwok() int {
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ContinueOnError)
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}

	ctx, logger := log.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := config.InitFlags(ctx, flags)
	if err != nil {
		logger.Error("kwok cannot read its configuration", "err", err)
		return 1
	}
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	if err := command.ExecuteContext(ctx); err != nil {
		logger.Error("kwok ended", "err", err)
		return 1
	}
	return 0
}
