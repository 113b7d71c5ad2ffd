package istiod

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"mesh.test/injection/template"
)

// class is what istiod knows about a GatewayClass.
type class struct {
	template, controller string
	nameWithClass        bool
	service              corev1.ServiceType
}

var classes = map[string]class{
	"istio":                       {"kube-gateway", "istio.io/gateway-controller", true, "LoadBalancer"},
	"istio-waypoint":              {"waypoint", "istio.io/mesh-controller", false, "ClusterIP"},
	"istio-east-west":             {"waypoint", "istio.io/eastwest-controller", false, "LoadBalancer"},
	"istio-agentgateway":          {"agentgateway", "istio.io/agentgateway-controller", false, "LoadBalancer"},
	"istio-agentgateway-waypoint": {"agentgateway-waypoint", "istio.io/agentgateway-waypoint-controller", false, "ClusterIP"},
}

const networkLabel = "topology.istio.io/network"

// Deploy gives the objects that istiod would apply for a Gateway, in the order of the template.
func Deploy(c Case, templates map[string]string) ([]map[string]any, error) {
	data, err := gatewayData(c)
	if err != nil {
		return nil, err
	}
	class := classes[c.Gateway.Spec.GatewayClassName]
	rendered, err := template.Render(class.template, templates[class.template], data)
	if err != nil {
		return nil, err
	}
	var objects []map[string]any
	for _, part := range regexp.MustCompile(`(?m)^---.*$`).Split(rendered, -1) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		object, err := finish(c, data, part)
		if err != nil {
			return nil, err
		}
		if object != nil {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// kinds are the kinds that may come out of a template, with the key of their overlays.
var kinds = map[string]struct {
	overlay string
	typed   any
	check   func(string) ([]byte, error)
	// optional kinds are dropped without an overlay.
	optional bool
}{
	"ServiceAccount":          {"serviceAccount", corev1.ServiceAccount{}, strictly[corev1.ServiceAccount], false},
	"Deployment":              {"deployment", appsv1.Deployment{}, strictly[appsv1.Deployment], false},
	"Service":                 {"service", corev1.Service{}, strictly[corev1.Service], false},
	"HorizontalPodAutoscaler": {"horizontalPodAutoscaler", autoscalingv2.HorizontalPodAutoscaler{}, strictly[autoscalingv2.HorizontalPodAutoscaler], true},
	"PodDisruptionBudget":     {"podDisruptionBudget", policyv1.PodDisruptionBudget{}, strictly[policyv1.PodDisruptionBudget], true},
}

var kindLine = regexp.MustCompile(`(?m)^kind: (\w+)$`)

// finish checks one object, patches it with its overlay and labels it as managed; nil when it is to be left out.
func finish(c Case, data *template.GatewayData, part string) (map[string]any, error) {
	match := kindLine.FindStringSubmatch(part)
	if match == nil {
		return nil, fmt.Errorf("an object without a kind:\n%s", part)
	}
	kind, known := kinds[match[1]]
	if !known {
		return nil, fmt.Errorf("unexpected kind %s", match[1])
	}
	asJSON, err := kind.check(part)
	if err != nil {
		return nil, err
	}
	overlay, patched := c.Overlays[kind.overlay]
	if kind.optional && !patched {
		return nil, nil
	}
	if patched {
		patch, err := json.Marshal(overlay)
		if err != nil {
			return nil, err
		}
		if asJSON, err = strategicpatch.StrategicMergePatch(asJSON, patch, kind.typed); err != nil {
			return nil, err
		}
	}
	var object map[string]any
	if err := json.Unmarshal(asJSON, &object); err != nil {
		return nil, err
	}
	metadata, _ := object["metadata"].(map[string]any)
	if metadata["namespace"] != c.Gateway.Namespace {
		return nil, fmt.Errorf("%s is in another namespace than its Gateway", match[1])
	}
	name, _ := metadata["name"].(string)
	if name != data.DeploymentName && name != data.ServiceAccount && !strings.HasPrefix(name, c.Gateway.Name) {
		return nil, fmt.Errorf("%s %s has not a name of its Gateway", match[1], name)
	}
	labels, found := metadata["labels"].(map[string]any)
	if value, given := metadata["labels"]; given && !found {
		return nil, fmt.Errorf("labels of %s are %v", match[1], value)
	} else if !given {
		labels = map[string]any{}
		metadata["labels"] = labels
	}
	labels["gateway.istio.io/managed"] = strings.ReplaceAll(classes[data.GatewayClass].controller, "/", "-")
	return object, nil
}

func gatewayData(c Case) (*template.GatewayData, error) {
	gateway := c.Gateway
	class, known := classes[gateway.Spec.GatewayClassName]
	if !known {
		return nil, fmt.Errorf("no such class: %q", gateway.Spec.GatewayClassName)
	}
	mesh, err := c.mesh()
	if err != nil {
		return nil, err
	}
	layer, err := defaultConfig(mesh)
	if err != nil {
		return nil, err
	}
	config, err := proxyConfig(layer)
	if err != nil {
		return nil, err
	}
	name := gateway.Name
	if class.nameWithClass {
		name += "-" + gateway.Spec.GatewayClassName
	}
	uid, gid := proxyUser(c.Istiod)
	labels, annotations := infrastructure(c)
	controllerLabel := strings.ReplaceAll(class.controller, "/", "-")
	if class.template == "agentgateway" {
		controllerLabel = "istio.io-gateway-controller"
	}
	return &template.GatewayData{
		Gateway:                   gateway,
		GatewayClass:              gateway.Spec.GatewayClassName,
		DeploymentName:            override(name, gateway.Annotations, "gateway.istio.io/name-override"),
		ServiceAccount:            override(name, gateway.Annotations, "gateway.istio.io/service-account"),
		Ports:                     ports(gateway.Spec.Listeners, c.Istiod.QuicListeners),
		ServiceType:               corev1.ServiceType(override(string(class.service), gateway.Annotations, "networking.istio.io/service-type")),
		ClusterID:                 c.Istiod.ClusterID,
		KubeVersion:               c.Istiod.KubeVersion,
		Revision:                  c.Istiod.Revision,
		NativeSidecars:            c.Istiod.NativeSidecars,
		ProxyUID:                  uid,
		ProxyGID:                  gid,
		CompliancePolicy:          c.Istiod.CompliancePolicy,
		InfrastructureLabels:      labels,
		InfrastructureAnnotations: annotations,
		GatewayNameLabel:          "gateway.networking.k8s.io/gateway-name",
		IsEastWestGateway:         class.controller == "istio.io/eastwest-controller",
		ControllerLabel:           controllerLabel,
		ProxyImage:                proxyImage(c.Values, config, gateway.Annotations),
		AgentgatewayImage:         agentgatewayImage(c.Values, config, gateway.Annotations),
		ProxyConfig:               config,
		MeshConfig:                mesh,
		Values:                    c.Values,
	}, nil
}

// infrastructure gives the labels and annotations of what belongs to the Gateway.
func infrastructure(c Case) (labels, annotations map[string]string) {
	gateway := c.Gateway
	labels, annotations = maps.Clone(gateway.Labels), maps.Clone(gateway.Annotations)
	if given := gateway.Spec.Infrastructure; given != nil {
		if given.Labels != nil {
			labels = maps.Clone(given.Labels)
		}
		if given.Annotations != nil {
			annotations = maps.Clone(given.Annotations)
		}
	}
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	reserved := func(name, _ string) bool { return strings.HasPrefix(name, "gateway.networking.k8s.io/") }
	maps.DeleteFunc(labels, reserved)
	maps.DeleteFunc(annotations, reserved)

	name := gateway.Spec.GatewayClassName
	isWaypoint := strings.Contains(name, "waypoint") || strings.Contains(name, "east-west")
	if _, found := labels["istio.io/dataplane-mode"]; c.Istiod.AmbientWaypoints && !isWaypoint && !found {
		labels["istio.io/dataplane-mode"] = "none"
	}
	network := text(c.Values, "global", "network")
	if _, found := gateway.Labels[networkLabel]; isWaypoint && !found && network != "" {
		labels[networkLabel] = network
	}
	return labels, annotations
}

func ports(listeners []template.Listener, quic bool) []corev1.ServicePort {
	tcp := "tcp"
	all := []corev1.ServicePort{{Name: "status-port", Port: 15021, Protocol: corev1.ProtocolTCP, AppProtocol: &tcp}}
	seen := map[int32]bool{15021: true}
	names := []string{"status-port"}
	for _, listener := range listeners {
		if seen[listener.Port] {
			continue
		}
		seen[listener.Port] = true
		name := strings.ReplaceAll(listener.Name, ".", "-")
		name = name[:min(len(name), 63)]
		for suffix := 1; slices.Contains(names, name); suffix++ {
			name = fmt.Sprintf("%s-%s", listener.Name, strconv.Itoa(suffix))
		}
		names = append(names, name)
		protocol := strings.ToLower(listener.Protocol)
		all = append(all, corev1.ServicePort{Name: name, Port: listener.Port, Protocol: corev1.ProtocolTCP, AppProtocol: &protocol})
		if quic && listener.Protocol == "HTTPS" {
			all = append(all, corev1.ServicePort{Name: name + "-quic", Port: listener.Port, Protocol: corev1.ProtocolUDP, AppProtocol: &protocol})
		}
	}
	return all
}
