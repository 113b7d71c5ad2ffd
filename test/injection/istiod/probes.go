package istiod

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// rewriteProbes sends the kubelet's questions to the agent, which passes them on: without a certificate the kubelet
// could not reach the application. The agent finds the original probes in an environment variable.
func (i *injection) rewriteProbes(pod *corev1.Pod, proxy *corev1.Container) error {
	rewrite := text(i.Values, "sidecarInjectorWebhook", "rewriteAppHTTPProbe")
	if strings.ToLower(override(rewrite, pod.Annotations, "sidecar.istio.io/rewriteAppHTTPProbers")) != "true" || proxy == nil {
		return nil
	}
	port, err := strconv.Atoi(override(strconv.Itoa(i.agentPort()), pod.Annotations, statusPortAnnotation))
	if err != nil {
		return err
	}
	originals := map[string]any{}
	for n := range pod.Spec.Containers {
		container := &pod.Spec.Containers[n]
		if container.Name == proxyName {
			continue
		}
		moved := func(path string, action *corev1.HTTPGetAction, socket *corev1.TCPSocketAction, grpc *corev1.GRPCAction) *corev1.HTTPGetAction {
			switch {
			case action != nil:
				original := *action
				original.Port = numbered(original.Port, container.Ports)
				originals[path] = map[string]any{"httpGet": original}
			case socket != nil:
				original := *socket
				original.Port = numbered(original.Port, container.Ports)
				originals[path] = map[string]any{"tcpSocket": original}
			case grpc != nil:
				originals[path] = map[string]any{"grpc": grpc}
			default:
				return nil
			}
			rewritten := &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(int32(port))}
			if action != nil {
				rewritten.HTTPHeaders = action.HTTPHeaders
				if rewritten.Scheme = action.Scheme; rewritten.Scheme == corev1.URISchemeHTTPS {
					rewritten.Scheme = corev1.URISchemeHTTP
				}
			}
			return rewritten
		}
		for name, probe := range map[string]*corev1.Probe{
			"readyz": container.ReadinessProbe, "livez": container.LivenessProbe, "startupz": container.StartupProbe,
		} {
			if probe == nil {
				continue
			}
			path := fmt.Sprintf("/app-health/%s/%s", container.Name, name)
			if to := moved(path, probe.HTTPGet, probe.TCPSocket, probe.GRPC); to != nil {
				probe.ProbeHandler = corev1.ProbeHandler{HTTPGet: to}
			}
		}
		if container.Lifecycle == nil {
			continue
		}
		for name, handler := range map[string]*corev1.LifecycleHandler{
			"prestopz": container.Lifecycle.PreStop, "poststartz": container.Lifecycle.PostStart,
		} {
			if handler == nil {
				continue
			}
			path := fmt.Sprintf("/app-lifecycle/%s/%s", container.Name, name)
			if to := moved(path, handler.HTTPGet, handler.TCPSocket, nil); to != nil {
				*handler = corev1.LifecycleHandler{HTTPGet: to}
			}
		}
	}
	if len(originals) == 0 {
		return nil
	}
	asJSON, err := json.Marshal(originals)
	if err != nil {
		return err
	}
	proxy.Env = append(proxy.Env, corev1.EnvVar{Name: "ISTIO_KUBE_APP_PROBERS", Value: string(asJSON)})
	return nil
}

func numbered(port intstr.IntOrString, ports []corev1.ContainerPort) intstr.IntOrString {
	for _, one := range ports {
		if port.Type == intstr.String && one.Name == port.StrVal {
			return intstr.FromInt32(one.ContainerPort)
		}
	}
	return port
}
