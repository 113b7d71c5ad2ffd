// Package template is what an injection template sees: the data under the dot and the functions.
package template

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PodData is the dot of the templates that give a part of a pod.
type PodData struct {
	TypeMeta                 metav1.TypeMeta
	DeploymentMeta           types.NamespacedName
	ObjectMeta               metav1.ObjectMeta
	Spec                     corev1.PodSpec
	ProxyConfig              *ProxyConfig
	MeshConfig               *MeshConfig
	Values                   map[string]any
	Revision                 string
	NativeSidecars           bool
	ProxyImage               string
	ProxyInitImage           string
	ProxyUID                 int64
	ProxyGID                 int64
	InboundTrafficPolicyMode string
	CompliancePolicy         string
}

// GatewayData is the dot of the templates that give the objects of a Gateway.
type GatewayData struct {
	*Gateway

	GatewayClass              string
	DeploymentName            string
	ServiceAccount            string
	Ports                     []corev1.ServicePort
	ServiceType               corev1.ServiceType
	ClusterID                 string
	KubeVersion               int
	Revision                  string
	NativeSidecars            bool
	ProxyUID                  int64
	ProxyGID                  int64
	CompliancePolicy          string
	InfrastructureLabels      map[string]string
	InfrastructureAnnotations map[string]string
	GatewayNameLabel          string
	IsEastWestGateway         bool
	ControllerLabel           string
	ProxyImage                string
	AgentgatewayImage         string
	ProxyConfig               *ProxyConfig
	MeshConfig                *MeshConfig
	Values                    map[string]any
}

// Gateway has the parts of the Gateway API's kind that matter here.
type Gateway struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              GatewaySpec `json:"spec"`
}

type GatewaySpec struct {
	GatewayClassName string           `json:"gatewayClassName"`
	Listeners        []Listener       `json:"listeners"`
	Addresses        []GatewayAddress `json:"addresses"`
	Infrastructure   *Infrastructure  `json:"infrastructure"`
}

type Listener struct {
	Name     string `json:"name"`
	Port     int32  `json:"port"`
	Protocol string `json:"protocol"`
}

type GatewayAddress struct {
	Type  *string `json:"type"`
	Value string  `json:"value"`
}

type Infrastructure struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// MeshConfig has the fields of istio.mesh.v1alpha1.MeshConfig that istiod and the templates read for injection.
type MeshConfig struct {
	ProxyListenPort        int32           `json:"proxyListenPort"`
	ProxyInboundListenPort int32           `json:"proxyInboundListenPort"`
	TrustDomain            string          `json:"trustDomain"`
	EnablePrometheusMerge  *bool           `json:"enablePrometheusMerge"`
	DefaultConfig          json.RawMessage `json:"defaultConfig"`
	InboundTrafficPolicy   struct {
		Mode string `json:"mode"`
	} `json:"inboundTrafficPolicy"`
	ExtensionProviders []struct {
		Opentelemetry *struct {
			ServiceAttributeEnrichment string `json:"serviceAttributeEnrichment"`
		} `json:"opentelemetry"`
	} `json:"extensionProviders"`
}

// ProxyConfig has the fields of istio.mesh.v1alpha1.ProxyConfig that the templates read, with protobuf's nil-safe getters.
type ProxyConfig struct {
	DiscoveryAddress                string            `json:"discoveryAddress"`
	StatusPort                      int32             `json:"statusPort"`
	ProxyMetadata                   map[string]string `json:"proxyMetadata"`
	InterceptionMode                InterceptionMode  `json:"interceptionMode"`
	HoldApplicationUntilProxyStarts *BoolValue        `json:"holdApplicationUntilProxyStarts"`
	Tracing                         *Tracing          `json:"tracing"`
	Image                           *ProxyImage       `json:"image"`

	// all holds every field as it was given, for protoToJSON.
	all map[string]any
}

// NewProxyConfig reads a ProxyConfig from its JSON form.
func NewProxyConfig(fields map[string]any) (*ProxyConfig, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	config := &ProxyConfig{all: fields}
	if err := json.Unmarshal(text, config); err != nil {
		return nil, fmt.Errorf("proxy config: %w", err)
	}
	return config, nil
}

func (c *ProxyConfig) GetTracing() *Tracing {
	if c == nil {
		return nil
	}
	return c.Tracing
}

type Tracing struct {
	TlsSettings *TlsSettings `json:"tlsSettings"`
}

func (t *Tracing) GetTlsSettings() *TlsSettings {
	if t == nil {
		return nil
	}
	return t.TlsSettings
}

type TlsSettings struct {
	CaCertificates string `json:"caCertificates"`
}

func (s *TlsSettings) GetCaCertificates() string {
	if s == nil {
		return ""
	}
	return s.CaCertificates
}

type ProxyImage struct {
	ImageType string `json:"imageType"`
}

// BoolValue is google.protobuf.BoolValue: a bool that can be absent.
type BoolValue struct{ Value bool }

func (b *BoolValue) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &b.Value) }

func (b *BoolValue) GetValue() bool { return b != nil && b.Value }

// InterceptionMode is an enum of protobuf: a number that prints as its name.
type InterceptionMode int32

var interceptionModes = []string{"REDIRECT", "TPROXY", "NONE"}

func (m InterceptionMode) String() string { return interceptionModes[m] }

func (m *InterceptionMode) UnmarshalJSON(text []byte) error {
	var name string
	if err := json.Unmarshal(text, &name); err != nil {
		return err
	}
	for number, known := range interceptionModes {
		if known == name {
			*m = InterceptionMode(number)
			return nil
		}
	}
	return fmt.Errorf("unknown interception mode %q", name)
}
