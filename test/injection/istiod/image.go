package istiod

import (
	"fmt"
	"strconv"
	"strings"

	"mesh.test/injection/template"
)

const (
	imageTypeAnnotation         = "sidecar.istio.io/proxyImageType"
	agentgatewayImageAnnotation = "gateway.istio.io/agentgatewayImage"
)

// proxyImage names the image of istio-proxy: its variant comes from the annotation, the ProxyConfig or the values.
func proxyImage(values map[string]any, config *template.ProxyConfig, annotations map[string]string) string {
	variant := text(values, "global", "variant")
	if config.Image != nil && config.Image.ImageType != "" {
		variant = config.Image.ImageType
	}
	return image(values, imageName(values, "proxy"), override(variant, annotations, imageTypeAnnotation))
}

// initImage does not heed the ProxyConfig.
func initImage(values map[string]any, annotations map[string]string) string {
	variant := override(text(values, "global", "variant"), annotations, imageTypeAnnotation)
	return image(values, imageName(values, "proxy_init"), variant)
}

func agentgatewayImage(values map[string]any, config *template.ProxyConfig, annotations map[string]string) string {
	variant := text(values, "global", "variant")
	if config.Image != nil {
		variant = config.Image.ImageType
	}
	return image(values, "agentgateway", override(variant, annotations, agentgatewayImageAnnotation))
}

func override(variant string, annotations map[string]string, name string) string {
	if value, found := annotations[name]; found {
		return value
	}
	return variant
}

func imageName(values map[string]any, section string) string {
	if name := text(values, "global", section, "image"); name != "" {
		return name
	}
	return "proxyv2"
}

func image(values map[string]any, name, variant string) string {
	hub, tag := text(values, "global", "hub"), text(values, "global", "tag")
	if variant != "" {
		tag = strings.TrimSuffix(strings.TrimSuffix(tag, "-distroless"), "-debug")
		if variant != "default" {
			tag += "-" + variant
		}
	}
	return fmt.Sprintf("%s/%s:%s", hub, name, tag)
}

// proxyUser gives the user and group of istio-proxy. OpenShift reserves ids for each namespace; istiod takes the last ones.
func proxyUser(settings Settings) (uid, gid int64) {
	uid, gid = 1337, 1337
	if !settings.OpenShift {
		return uid, gid
	}
	users := settings.NamespaceAnnotations["openshift.io/sa.scc.uid-range"]
	groups := settings.NamespaceAnnotations["openshift.io/sa.scc.supplemental-groups"]
	if groups == "" {
		groups = users
	}
	if last, ok := lastOfBlock(users); ok {
		uid = last
	}
	if last, ok := lastOfBlock(groups); ok {
		gid = last
	}
	return uid, gid
}

// lastOfBlock reads the first block of `start/size,…`.
func lastOfBlock(blocks string) (int64, bool) {
	block, _, _ := strings.Cut(blocks, ",")
	start, size, _ := strings.Cut(block, "/")
	first, errStart := strconv.ParseInt(start, 10, 64)
	count, errSize := strconv.ParseInt(size, 10, 64)
	return first + count - 1, errStart == nil && errSize == nil
}
