package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kwok/kustomize/crd"
	"sigs.k8s.io/yaml"
)

const podCIDR = "10.244.0.0/16"

// nodeNames are the fake nodes; they lie in two zones of one region.
var nodeNames = []string{"mesh-test-1", "mesh-test-2"}

// kubeletKinds are the kinds that say what a fake kubelet does on logs, exec and port-forward. Tests create
// them through the API: kwok watches them because they are in --enable-crds.
var kubeletKinds = []string{"Logs", "ClusterLogs", "Exec", "ClusterExec", "PortForward", "ClusterPortForward"}

var kubeletDefinitions = [][]byte{crd.Logs, crd.ClusterLogs, crd.Exec, crd.ClusterExec, crd.PortForward, crd.ClusterPortForward}

type clients struct {
	kubernetes kubernetes.Interface
	extensions apiextensions.Interface
}

func newClients(kubeconfig string) (clients, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return clients{}, err
	}
	config.QPS = -1
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return clients{}, err
	}
	extensions, err := apiextensions.NewForConfig(config)
	return clients{core, extensions}, err
}

func (c clients) createDefinitions(ctx context.Context) error {
	for _, text := range kubeletDefinitions {
		var definition apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(text, &definition); err != nil {
			return err
		}
		_, err := c.extensions.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, &definition, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("the definition %s cannot be created: %w", definition.Name, err)
		}
	}
	return nil
}

func (c clients) areDefinitionsEstablished(ctx context.Context) bool {
	list, err := c.extensions.ApiextensionsV1().CustomResourceDefinitions().List(ctx, metav1.ListOptions{})
	if err != nil {
		return false
	}
	for _, definition := range list.Items {
		established := false
		for _, condition := range definition.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				established = true
			}
		}
		if !established {
			return false
		}
	}
	return true
}

// createNodes registers the fake nodes as a kubelet would; kwok then plays their stages. Nodes of a kept data
// folder are told the new port of their kubelets.
func (c clients) createNodes(ctx context.Context, kubeletPort int) error {
	for index, name := range nodeNames {
		resources := corev1.ResourceList{
			corev1.ResourceCPU:              resource.MustParse("64"),
			corev1.ResourceMemory:           resource.MustParse("256Gi"),
			corev1.ResourceEphemeralStorage: resource.MustParse("1Ti"),
			corev1.ResourcePods:             resource.MustParse("5000"),
		}
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name:        name,
				Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
				Labels: map[string]string{
					corev1.LabelArchStable:     "amd64",
					corev1.LabelOSStable:       "linux",
					corev1.LabelHostname:       name,
					corev1.LabelTopologyRegion: "region-1",
					corev1.LabelTopologyZone:   fmt.Sprintf("region-1-zone-%d", index+1),
				},
			},
			Status: corev1.NodeStatus{
				Capacity:    resources,
				Allocatable: resources,
				NodeInfo: corev1.NodeSystemInfo{
					Architecture: "amd64", OperatingSystem: "linux", KubeletVersion: "v1.36.1", ContainerRuntimeVersion: "kwok",
					OSImage: "none (a fake node)", KernelVersion: "none", MachineID: name, SystemUUID: name, BootID: name,
				},
			},
		}
		_, err := c.kubernetes.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			patch := fmt.Sprintf(`{"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":%d}}}}`, kubeletPort)
			_, err = c.kubernetes.CoreV1().Nodes().Patch(ctx, name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}, "status")
		}
		if err != nil {
			return fmt.Errorf("the node %s cannot be created: %w", name, err)
		}
	}
	return nil
}

// areNodesReady waits for the not-ready taint to go as well: until then no pod is scheduled.
func (c clients) areNodesReady(ctx context.Context) bool {
	list, err := c.kubernetes.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil || len(list.Items) < len(nodeNames) {
		return false
	}
	for _, node := range list.Items {
		if len(node.Spec.Taints) > 0 || !isReady(node) {
			return false
		}
	}
	return true
}

func isReady(node corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (c clients) hasDefaultServiceAccount(ctx context.Context) bool {
	_, err := c.kubernetes.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
	return err == nil
}
