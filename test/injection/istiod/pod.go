package istiod

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/yaml"

	"mesh.test/injection/template"
)

const (
	proxyName            = "istio-proxy"
	templatesAnnotation  = "inject.istio.io/templates"
	statusAnnotation     = "sidecar.istio.io/status"
	overridesAnnotation  = "proxy.istio.io/overrides"
	configAnnotation     = "proxy.istio.io/config"
	statusPortAnnotation = "status.sidecar.istio.io/port"
)

// Inject gives the pod after injection, and what the templates alone made of an empty pod.
func Inject(c Case, templates map[string]string) (pod, injected *corev1.Pod, err error) {
	pod = c.Pod
	for range max(1, c.Times) {
		i, err := newInjection(c, pod)
		if err != nil {
			return nil, nil, err
		}
		if pod, err = i.run(templates); err != nil {
			return nil, nil, err
		}
		injected = i.templatePod
	}
	return pod, injected, nil
}

// injection is one run. original is the user's pod, templatePod the templates' result on an empty pod.
type injection struct {
	Case
	original    *corev1.Pod
	templatePod *corev1.Pod
	meshConfig  *template.MeshConfig
	config      *template.ProxyConfig
}

func newInjection(c Case, pod *corev1.Pod) (*injection, error) {
	mesh, err := c.mesh()
	if err != nil {
		return nil, err
	}
	original, err := withoutEarlierInjection(pod.DeepCopy())
	if err != nil {
		return nil, err
	}
	layer, err := defaultConfig(mesh)
	if err != nil {
		return nil, err
	}
	ofPod := map[string]any{}
	if err := yaml.Unmarshal([]byte(original.Annotations[configAnnotation]), &ofPod); err != nil {
		return nil, fmt.Errorf("%s: %w", configAnnotation, err)
	}
	config, err := proxyConfig(layer, ofPod)
	if err != nil {
		return nil, err
	}
	return &injection{Case: c, original: original, templatePod: &corev1.Pod{}, meshConfig: mesh, config: config}, nil
}

func (i *injection) run(templates map[string]string) (*corev1.Pod, error) {
	patches, err := i.render(templates)
	if err != nil {
		return nil, err
	}
	for _, patch := range patches {
		if i.templatePod, err = patched(i.templatePod, patch); err != nil {
			return nil, err
		}
	}
	pod := i.original.DeepCopy()
	if has(i.templatePod.Spec.InitContainers, proxyName) {
		own := func(container corev1.Container) bool { return container.Name == proxyName }
		if at := slices.IndexFunc(pod.Spec.Containers, own); at >= 0 {
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, pod.Spec.Containers[at])
			pod.Spec.Containers = slices.Delete(pod.Spec.Containers, at, at+1)
		}
	}
	for _, patch := range patches {
		if pod, err = patched(pod, patch); err != nil {
			return nil, err
		}
	}
	if err := i.overrideContainers(pod); err != nil {
		return nil, err
	}
	return pod, i.postProcess(pod)
}

// render executes the chosen templates, all with the same data.
func (i *injection) render(templates map[string]string) ([][]byte, error) {
	names := []string{"sidecar"}
	if list, found := i.original.Annotations[templatesAnnotation]; found {
		names = strings.Split(list, ",")
	}
	var patches [][]byte
	for _, name := range names {
		name = strings.TrimSpace(name)
		text, found := i.Templates[name]
		if !found {
			text, found = templates[name]
		}
		if !found {
			return nil, fmt.Errorf("unknown template %q", name)
		}
		rendered, err := template.Render(name, text, i.data())
		if err != nil {
			return nil, err
		}
		patch, err := strictly[corev1.Pod](rendered)
		if err != nil {
			return nil, err
		}
		patches = append(patches, patch)
	}
	return patches, nil
}

func (i *injection) data() *template.PodData {
	uid, gid := proxyUser(i.Istiod)
	mode := "passthrough"
	if i.meshConfig.InboundTrafficPolicy.Mode == "LOCALHOST" {
		mode = "localhost"
	}
	annotations := i.original.Annotations
	return &template.PodData{
		TypeMeta:                 metav1.TypeMeta{APIVersion: i.Owner.APIVersion, Kind: i.Owner.Kind},
		DeploymentMeta:           types.NamespacedName{Name: i.Owner.Name, Namespace: i.Owner.Namespace},
		ObjectMeta:               i.original.ObjectMeta,
		Spec:                     i.original.Spec,
		ProxyConfig:              i.config,
		MeshConfig:               i.meshConfig,
		Values:                   i.Values,
		Revision:                 i.Istiod.Revision,
		NativeSidecars:           i.Istiod.NativeSidecars,
		ProxyImage:               proxyImage(i.Values, i.config, annotations),
		ProxyInitImage:           initImage(i.Values, annotations),
		ProxyUID:                 uid,
		ProxyGID:                 gid,
		InboundTrafficPolicyMode: mode,
		CompliancePolicy:         i.Istiod.CompliancePolicy,
	}
}

// overrides are the user's own versions of injected containers.
type overrides struct {
	Containers     []corev1.Container `json:"containers,omitempty"`
	InitContainers []corev1.Container `json:"initContainers,omitempty"`
}

// overrideContainers lays the user's version of each injected container over the result.
func (i *injection) overrideContainers(pod *corev1.Pod) error {
	var users overrides
	spec := i.original.Spec
	for n := range pod.Spec.Containers {
		container := &pod.Spec.Containers[n]
		user := find(spec.Containers, container.Name)
		if user == nil || !has(i.templatePod.Spec.Containers, container.Name) {
			continue
		}
		users.Containers = append(users.Containers, *user)
		if err := i.override(pod, container, *user); err != nil {
			return err
		}
	}
	for n := range pod.Spec.InitContainers {
		container := &pod.Spec.InitContainers[n]
		user := find(slices.Concat(spec.InitContainers, spec.Containers), container.Name)
		if user == nil || !has(i.templatePod.Spec.InitContainers, container.Name) {
			continue
		}
		users.InitContainers = append(users.InitContainers, *user)
		if err := i.override(pod, container, *user); err != nil {
			return err
		}
	}
	if len(users.Containers)+len(users.InitContainers) == 0 {
		return nil
	}
	return annotateJSON(pod, overridesAnnotation, users)
}

func (i *injection) override(pod *corev1.Pod, container *corev1.Container, user corev1.Container) error {
	if user.Image == "auto" {
		user.Image = ""
	}
	merged, err := patchedContainer(*container, user)
	if err != nil {
		return err
	}
	*container = merged
	if user.Name == proxyName && user.SecurityContext != nil {
		followUser(pod, container, user.SecurityContext, i.templatePod)
	}
	return nil
}

// followUser keeps the traffic of istio-proxy out of the redirection when the user lets it run as somebody else.
func followUser(pod *corev1.Pod, proxy *corev1.Container, user *corev1.SecurityContext, templatePod *corev1.Pod) {
	for n := range pod.Spec.InitContainers {
		init := &pod.Spec.InitContainers[n]
		if init.Name != "istio-init" && init.Name != "istio-validation" {
			continue
		}
		tproxy := slices.Contains(init.Args, "TPROXY")
		if at := slices.Index(init.Args, "-u"); at >= 0 && user.RunAsUser != nil && *user.RunAsUser != 0 {
			init.Args[at+1] = fmt.Sprint(*user.RunAsUser)
		}
		if init.Name == "istio-validation" && !tproxy {
			if user.RunAsUser != nil {
				init.SecurityContext.RunAsUser = user.RunAsUser
			}
			if user.RunAsGroup != nil {
				init.SecurityContext.RunAsGroup = user.RunAsGroup
			}
		}
		if tproxy {
			injected := find(slices.Concat(templatePod.Spec.Containers, templatePod.Spec.InitContainers), proxyName)
			proxy.SecurityContext.RunAsUser = injected.SecurityContext.RunAsUser
		}
	}
}

// withoutEarlierInjection takes out what the status annotation says was injected, and puts the user's own containers back.
func withoutEarlierInjection(pod *corev1.Pod) (*corev1.Pod, error) {
	text, found := pod.Annotations[statusAnnotation]
	if !found {
		return pod, nil
	}
	var status status
	var users overrides
	if err := json.Unmarshal([]byte(text), &status); err != nil {
		return nil, err
	}
	if text, found := pod.Annotations[overridesAnnotation]; found {
		if err := json.Unmarshal([]byte(text), &users); err != nil {
			return nil, err
		}
	}
	restore := func(containers []corev1.Container, injected []string, users []corev1.Container) []corev1.Container {
		rest := slices.DeleteFunc(containers, func(c corev1.Container) bool { return slices.Contains(injected, c.Name) })
		return append(rest, users...)
	}
	pod.Spec.Containers = restore(pod.Spec.Containers, status.Containers, users.Containers)
	pod.Spec.InitContainers = restore(pod.Spec.InitContainers, status.InitContainers, users.InitContainers)
	pod.Spec.Volumes = slices.DeleteFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return slices.Contains(status.Volumes, v.Name) })
	delete(pod.Annotations, statusAnnotation)
	delete(pod.Annotations, overridesAnnotation)
	return pod, nil
}

func patched(pod *corev1.Pod, patch []byte) (*corev1.Pod, error) {
	before, err := json.Marshal(pod)
	if err != nil {
		return nil, err
	}
	after, err := strategicpatch.StrategicMergePatch(before, patch, corev1.Pod{})
	if err != nil {
		return nil, err
	}
	result := &corev1.Pod{}
	return result, json.Unmarshal(after, result)
}

func patchedContainer(container, patch corev1.Container) (corev1.Container, error) {
	before, err := json.Marshal(container)
	if err != nil {
		return container, err
	}
	change, err := json.Marshal(patch)
	if err != nil {
		return container, err
	}
	after, err := strategicpatch.StrategicMergePatch(before, change, corev1.Container{})
	if err != nil {
		return container, err
	}
	var result corev1.Container
	return result, json.Unmarshal(after, &result)
}

func find(containers []corev1.Container, name string) *corev1.Container {
	for n := range containers {
		if containers[n].Name == name {
			return &containers[n]
		}
	}
	return nil
}

func has(containers []corev1.Container, name string) bool { return find(containers, name) != nil }
