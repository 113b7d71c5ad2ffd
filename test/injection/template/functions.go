package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// functions are Sprig's, with istiod's over them where the names are equal.
func functions() template.FuncMap {
	all := template.FuncMap(sprig.TxtFuncMap())
	maps.Copy(all, template.FuncMap{
		"annotation":             annotation,
		"isset":                  func(m map[string]string, key string) bool { _, found := m[key]; return found },
		"valueOrDefault":         valueOrDefault,
		"excludeInboundPort":     excludeInboundPort,
		"includeInboundPorts":    func(containers []corev1.Container) string { return portsOf(containers, "") },
		"applicationPorts":       func(containers []corev1.Container) string { return portsOf(containers, "istio-proxy") },
		"kubevirtInterfaces":     func(text string) string { return text },
		"excludeInterfaces":      func(text string) string { return text },
		"contains":               func(needle, haystack string) bool { return strings.Contains(haystack, needle) },
		"indent":                 indentFollowing,
		"toYaml":                 toYaml,
		"toJSON":                 func(m map[string]string) string { return orEmpty(m == nil, m) },
		"fromJSON":               fromJSON,
		"structToJSON":           func(value any) string { return orEmpty(value == nil, value) },
		"protoToJSON":            protoToJSON,
		"formatDuration":         func(d *time.Duration) string { return d.String() },
		"directory":              func(path string) string { directory, _ := filepath.Split(path); return directory },
		"toLower":                strings.ToLower,
		"appendMultusNetwork":    appendMultusNetwork,
		"env":                    env,
		"omit":                   omit,
		"strdict":                strdict,
		"mergeMaps":              mergeMaps,
		"toJsonMap":              func(all ...map[string]string) string { return toJSON(mergeMaps(all...)) },
		"omitNil":                omitNil,
		"otelResourceAttributes": otelResourceAttributes,
	})
	return all
}

func annotation(meta metav1.ObjectMeta, name string, fallback any) string {
	if value, found := meta.Annotations[name]; found {
		return value
	}
	return fmt.Sprint(fallback)
}

func valueOrDefault(value, fallback any) any {
	if value == nil || value == "" {
		return fallback
	}
	return value
}

func excludeInboundPort(port any, list string) string {
	text := strings.TrimSpace(fmt.Sprint(port))
	if text == "" || text == "0" {
		return list
	}
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == text {
			return list
		} else if item != "" {
			items = append(items, item)
		}
	}
	return strings.Join(append(items, text), ",")
}

func portsOf(containers []corev1.Container, without string) string {
	var ports []string
	for _, container := range containers {
		if container.Name == without {
			continue
		}
		for _, port := range container.Ports {
			if port.Protocol != corev1.ProtocolUDP && port.Protocol != corev1.ProtocolSCTP {
				ports = append(ports, strconv.Itoa(int(port.ContainerPort)))
			}
		}
	}
	return strings.Join(ports, ",")
}

// indentFollowing leaves the first line alone, unlike Sprig's indent.
func indentFollowing(spaces int, text string) string {
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", spaces))
}

func toYaml(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return string(text), err
}

func toJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "{}"
	}
	return string(text)
}

func orEmpty(empty bool, value any) string {
	if empty {
		return "{}"
	}
	return toJSON(value)
}

func fromJSON(text string) any {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return "{}"
	}
	return value
}

// BuiltInProxyConfig are the defaults below every layer of the ProxyConfig; protoToJSON leaves out what equals them.
var BuiltInProxyConfig = map[string]any{
	"discoveryAddress":         "istiod.istio-system.svc:15012",
	"drainDuration":            "45s",
	"terminationDrainDuration": "5s",
	"proxyAdminPort":           15000.0,
	"statNameLength":           189.0,
	"statusPort":               15020.0,
	"interceptionMode":         "REDIRECT",
	"proxyMetadata":            map[string]any{},
}

func protoToJSON(config *ProxyConfig) string {
	fields := map[string]any{}
	for name, value := range config.all {
		if !reflect.DeepEqual(value, BuiltInProxyConfig[name]) {
			fields[name] = value
		}
	}
	return toJSON(fields)
}

func appendMultusNetwork(existing, network string) string {
	if existing == "" {
		return network
	}
	namespace, name, found := strings.Cut(network, "/")
	if !found {
		namespace, name = "", network
	}
	end := strings.LastIndex(existing, "]")
	if end < 0 {
		for item := range strings.SplitSeq(existing, ",") {
			if strings.TrimSpace(item) == network {
				return existing
			}
		}
		return existing + ", " + network
	}
	var networks []struct{ Name, Namespace string }
	if err := json.Unmarshal([]byte(existing), &networks); err != nil {
		return existing
	}
	for _, one := range networks {
		if one.Name == name && one.Namespace == namespace {
			return existing
		}
	}
	return fmt.Sprintf(`%s, {"name": %q, "namespace": %q}%s`, existing[:end], name, namespace, existing[end:])
}

func env(key, fallback string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return fallback
}

func omit(m map[string]string, keys ...string) map[string]string {
	rest := map[string]string{}
	for key, value := range m {
		if !slices.Contains(keys, key) {
			rest[key] = value
		}
	}
	return rest
}

func strdict(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func mergeMaps(all ...map[string]string) map[string]string {
	merged := map[string]string{}
	for _, one := range all {
		maps.Copy(merged, one)
	}
	return merged
}

func omitNil(value any) any {
	switch value := value.(type) {
	case map[string]any:
		rest := map[string]any{}
		for key, item := range value {
			if item = omitNil(item); item != nil {
				rest[key] = item
			}
		}
		if len(rest) > 0 {
			return rest
		}
		return nil
	case []any:
		var rest []any
		for _, item := range value {
			if item = omitNil(item); item != nil {
				rest = append(rest, item)
			}
		}
		if len(rest) > 0 {
			return rest
		}
		return nil
	default:
		return value
	}
}

func otelResourceAttributes(
	mesh *MeshConfig, annotations, labels map[string]string, namespace string, containers []corev1.Container,
) string {
	enriched := false
	for _, provider := range mesh.ExtensionProviders {
		otel := provider.Opentelemetry
		enriched = enriched || otel != nil && otel.ServiceAttributeEnrichment == "OTEL_SEMANTIC_CONVENTIONS"
	}
	if !enriched {
		return ""
	}
	version := firstText(annotations["resource.opentelemetry.io/service.version"], labels["app.kubernetes.io/version"])
	if version == "" && len(containers) == 1 {
		version = imageVersion(containers[0].Image)
	}
	instance := annotations["resource.opentelemetry.io/service.instance.id"]
	if instance == "" && len(containers) > 0 {
		instance = fmt.Sprintf("%s.$(POD_NAME).%s", namespace, containers[0].Name)
	}
	var items []string
	for _, item := range [][2]string{
		{"service.namespace", firstText(annotations["resource.opentelemetry.io/service.namespace"], namespace)},
		{"service.version", version},
		{"service.instance.id", instance},
	} {
		if item[1] != "" {
			items = append(items, item[0]+"="+item[1])
		}
	}
	return strings.Join(items, ",")
}

// imageVersion gives tag, digest, or `tag@digest` of an image, empty when it has neither.
func imageVersion(image string) string {
	name, digest, _ := strings.Cut(image, "@")
	tag := ""
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		tag = name[colon+1:]
	}
	if tag != "" && digest != "" {
		return tag + "@" + digest
	}
	return tag + digest
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
