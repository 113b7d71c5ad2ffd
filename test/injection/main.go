// Command injection executes the injection templates of manifests/istiod/files on given cases, as istiod 1.31 would.
//
// It reads a request as JSON from standard input and writes the response as JSON to standard output:
//
//	request   {"templates": {NAME: TEXT}, "cases": [CASE]}
//	response  {"paths": {NAME: [PATH]}, "results": [{"pod": POD, "injected": POD} | {"objects": [OBJECT]} | {"error": TEXT}]}
//
// A case holds a pod or a Gateway and everything else that decides what becomes of it (istiod.Case). "injected" is what the
// templates alone gave. "paths" are the paths below .Values that a template reads.
//
// Package template is what a template sees: data and functions. Package istiod is what istiod does around it.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"mesh.test/injection/istiod"
	"mesh.test/injection/template"
)

type request struct {
	Templates map[string]string `json:"templates"`
	Cases     []istiod.Case     `json:"cases"`
}

type response struct {
	Paths   map[string][]string `json:"paths"`
	Results []result            `json:"results"`
}

type result struct {
	Pod      any    `json:"pod,omitempty"`
	Injected any    `json:"injected,omitempty"`
	Objects  any    `json:"objects,omitempty"`
	Error    string `json:"error,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var in request
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("the request is not readable: %w", err)
	}
	out := response{Paths: map[string][]string{}}
	for name, text := range in.Templates {
		paths, err := template.ValuePaths(name, text)
		if err != nil {
			return err
		}
		out.Paths[name] = paths
	}
	for _, c := range in.Cases {
		out.Results = append(out.Results, answer(c, in.Templates))
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func answer(c istiod.Case, templates map[string]string) result {
	if c.Gateway != nil {
		objects, err := istiod.Deploy(c, templates)
		if err != nil {
			return result{Error: err.Error()}
		}
		return result{Objects: objects}
	}
	pod, injected, err := istiod.Inject(c, templates)
	if err != nil {
		return result{Error: err.Error()}
	}
	return result{Pod: pod, Injected: injected}
}
