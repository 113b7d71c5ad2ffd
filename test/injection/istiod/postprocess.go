package istiod

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// status is the annotation by which istiod knows later what it injected.
type status struct {
	InitContainers   []string `json:"initContainers"`
	Containers       []string `json:"containers"`
	Volumes          []string `json:"volumes"`
	ImagePullSecrets []string `json:"imagePullSecrets"`
	Revision         string   `json:"revision"`
}

// postProcess does what follows the merge, in istiod's order.
func (i *injection) postProcess(pod *corev1.Pod) error {
	if pod.Annotations == nil {
		pod.Annotations = map[string]string{}
	}
	if pod.Labels == nil {
		pod.Labels = map[string]string{}
	}
	proxy := find(pod.Spec.Containers, proxyName)
	if proxy == nil {
		proxy = find(pod.Spec.InitContainers, proxyName)
	}
	i.setTopology(pod, proxy)
	if err := i.mergePrometheus(pod, proxy); err != nil {
		return err
	}
	if err := i.rewriteProbes(pod, proxy); err != nil {
		return err
	}
	if err := i.setStatus(pod); err != nil {
		return err
	}
	i.orderContainers(pod)
	return nil
}

// setTopology puts the cluster and the network, where there is one, at the end of the environment.
func (i *injection) setTopology(pod *corev1.Pod, proxy *corev1.Container) {
	network := pod.Labels[networkLabel]
	if network == "" {
		network = text(i.Values, "global", "network")
	}
	if network != "" {
		pod.Labels[networkLabel] = network
	}
	if proxy == nil {
		return
	}
	replace := func(name, value string) {
		if value == "" {
			return
		}
		proxy.Env = slices.DeleteFunc(proxy.Env, func(env corev1.EnvVar) bool { return env.Name == name })
		proxy.Env = append(proxy.Env, corev1.EnvVar{Name: name, Value: value})
	}
	replace("ISTIO_META_CLUSTER_ID", text(i.Values, "global", "multiCluster", "clusterName"))
	replace("ISTIO_META_NETWORK", network)
}

// mergePrometheus lets Prometheus ask the agent, which adds the metrics of the application.
func (i *injection) mergePrometheus(pod *corev1.Pod, proxy *corev1.Container) error {
	port := strconv.Itoa(i.agentPort())
	annotations := pod.Annotations
	merge := i.meshConfig.EnablePrometheusMerge == nil || *i.meshConfig.EnablePrometheusMerge
	if !merge || annotations["prometheus.istio.io/merge-metrics"] == "false" ||
		annotations["prometheus.io/scrape"] == "false" || annotations["prometheus.io/port"] == port {
		return nil
	}
	own := map[string]string{}
	for _, name := range []string{"scrape", "path", "port"} {
		if value, found := annotations["prometheus.io/"+name]; found {
			own[name] = value
		}
	}
	if len(own) > 0 && proxy != nil {
		asJSON, err := json.Marshal(own)
		if err != nil {
			return err
		}
		proxy.Env = append(proxy.Env, corev1.EnvVar{Name: "ISTIO_PROMETHEUS_ANNOTATIONS", Value: string(asJSON)})
	}
	annotations["prometheus.io/scrape"] = "true"
	annotations["prometheus.io/port"] = port
	annotations["prometheus.io/path"] = "/stats/prometheus"
	return nil
}

func (i *injection) setStatus(pod *corev1.Pod) error {
	spec := i.templatePod.Spec
	current := status{Revision: i.Istiod.Revision}
	for _, container := range spec.InitContainers {
		current.InitContainers = append(current.InitContainers, container.Name)
	}
	for _, container := range spec.Containers {
		current.Containers = append(current.Containers, container.Name)
	}
	for _, volume := range spec.Volumes {
		current.Volumes = append(current.Volumes, volume.Name)
	}
	for _, secret := range spec.ImagePullSecrets {
		current.ImagePullSecrets = append(current.ImagePullSecrets, secret.Name)
	}
	return annotateJSON(pod, statusAnnotation, current)
}

func (i *injection) orderContainers(pod *corev1.Pod) {
	hold := i.config.HoldApplicationUntilProxyStarts.GetValue() ||
		lookup(i.Values, "global", "proxy", "holdApplicationUntilProxyStarts") == true
	proxyRank := 1
	if hold {
		proxyRank = -1
	}
	sortByRank(pod.Spec.Containers, map[string]int{proxyName: proxyRank})
	if has(pod.Spec.InitContainers, proxyName) {
		sortByRank(pod.Spec.InitContainers, map[string]int{"istio-init": -3, "istio-validation": -3, proxyName: -2})
	} else {
		sortByRank(pod.Spec.InitContainers, map[string]int{"istio-validation": -1, "istio-init": 1})
	}
}

func sortByRank(containers []corev1.Container, ranks map[string]int) {
	slices.SortStableFunc(containers, func(a, b corev1.Container) int { return ranks[a.Name] - ranks[b.Name] })
}

func (i *injection) agentPort() int {
	if i.config.StatusPort != 0 {
		return int(i.config.StatusPort)
	}
	return 15020
}

func annotateJSON(pod *corev1.Pod, name string, value any) error {
	asJSON, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if pod.Annotations == nil {
		pod.Annotations = map[string]string{}
	}
	pod.Annotations[name] = string(asJSON)
	return nil
}
