// Package istiod is what istiod does around an injection template: it chooses templates, computes their data, merges their
// result and works on it afterwards.
package istiod

import (
	"encoding/json"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"

	"mesh.test/injection/template"
)

// Case is one pod or one Gateway with everything that decides what becomes of it.
type Case struct {
	Name string `json:"name"`

	Pod *corev1.Pod `json:"pod"`
	// Owner is the workload whose pod it is.
	Owner struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		Namespace  string `json:"namespace"`
	} `json:"owner"`

	Gateway *template.Gateway `json:"gateway"`
	// Overlays are patches for the objects of a Gateway, by key: deployment, service, …
	Overlays map[string]map[string]any `json:"overlays"`

	Values map[string]any  `json:"values"`
	Mesh   json.RawMessage `json:"mesh"`
	// Templates are templates of the user, beside those of the request.
	Templates map[string]string `json:"templates"`
	Istiod    Settings          `json:"istiod"`
	// Times is how often the pod is injected, once if zero; the second time as an already injected pod.
	Times int `json:"times"`
}

// Settings are environment variables of istiod and what it finds in its cluster.
type Settings struct {
	Revision             string            `json:"revision"`
	NativeSidecars       bool              `json:"nativeSidecars"`
	CompliancePolicy     string            `json:"compliancePolicy"`
	ClusterID            string            `json:"clusterID"`
	KubeVersion          int               `json:"kubeVersion"`
	OpenShift            bool              `json:"openShift"`
	NamespaceAnnotations map[string]string `json:"namespaceAnnotations"`
	AmbientWaypoints     bool              `json:"ambientWaypoints"`
	QuicListeners        bool              `json:"quicListeners"`
}

func (c Case) mesh() (*template.MeshConfig, error) {
	mesh := &template.MeshConfig{ProxyListenPort: 15001, ProxyInboundListenPort: 15006, TrustDomain: "cluster.local"}
	if len(c.Mesh) > 0 {
		if err := json.Unmarshal(c.Mesh, mesh); err != nil {
			return nil, fmt.Errorf("mesh config: %w", err)
		}
	}
	return mesh, nil
}

// proxyConfig merges the layers of the ProxyConfig, lowest first; proxyMetadata key by key.
func proxyConfig(layers ...map[string]any) (*template.ProxyConfig, error) {
	merged := maps.Clone(template.BuiltInProxyConfig)
	for _, layer := range layers {
		for name, value := range layer {
			metadata, isMap := value.(map[string]any)
			if name == "proxyMetadata" && isMap {
				all := maps.Clone(merged[name].(map[string]any))
				maps.Copy(all, metadata)
				value = all
			}
			merged[name] = value
		}
	}
	return template.NewProxyConfig(merged)
}

func defaultConfig(mesh *template.MeshConfig) (map[string]any, error) {
	layer := map[string]any{}
	if len(mesh.DefaultConfig) == 0 {
		return layer, nil
	}
	return layer, json.Unmarshal(mesh.DefaultConfig, &layer)
}

// lookup gives the value at a path of values, nil when there is none.
func lookup(values any, path ...string) any {
	for _, name := range path {
		level, _ := values.(map[string]any)
		values = level[name]
	}
	return values
}

// text is lookup for scalars, with the empty text for none.
func text(values any, path ...string) string {
	if value := lookup(values, path...); value != nil {
		return fmt.Sprint(value)
	}
	return ""
}
