package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// ValuePaths lists, in order, the paths below .Values that a template reads: `global.hub`, and not `global` when a template
// only passes through it or gives it a name. It follows variables, parentheses and the dot of `with`.
func ValuePaths(name, text string) ([]string, error) {
	parsed, err := parseTemplate(name, text)
	if err != nil {
		return nil, err
	}
	w := &walker{places: map[string]string{"$": root}, read: map[string]bool{}}
	w.list(parsed.Root, root)
	if w.err != nil {
		return nil, fmt.Errorf("%s: %w", name, w.err)
	}
	return slices.Sorted(maps.Keys(w.read)), nil
}

// A place is where a value comes from: root, a path that begins with "Values", or empty for anything else.
const root = "."

type walker struct {
	// places of the variables; names are not reused in another scope with another meaning.
	places map[string]string
	read   map[string]bool
	err    error
}

func (w *walker) list(list *parse.ListNode, dot string) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			w.action(node.Pipe, dot)
		case *parse.IfNode:
			w.action(node.Pipe, dot)
			w.list(node.List, dot)
			w.list(node.ElseList, dot)
		case *parse.WithNode:
			w.action(node.Pipe, dot)
			w.list(node.List, w.place(node.Pipe, dot))
			w.list(node.ElseList, dot)
		case *parse.RangeNode:
			w.action(node.Pipe, dot)
			for _, variable := range node.Pipe.Decl {
				w.places[variable.Ident[0]] = ""
			}
			w.list(node.List, "")
			w.list(node.ElseList, dot)
		default:
			w.err = fmt.Errorf("cannot follow %T", node)
		}
	}
}

// action evaluates a pipeline. One that only gives a place a name reads nothing.
func (w *walker) action(pipe *parse.PipeNode, dot string) {
	place := w.place(pipe, dot)
	for _, variable := range pipe.Decl {
		w.places[variable.Ident[0]] = place
	}
	if len(pipe.Decl) == 0 || place == "" {
		w.reads(pipe, dot)
	}
}

func (w *walker) reads(node parse.Node, dot string) {
	if pipe, ok := node.(*parse.PipeNode); ok {
		for _, command := range pipe.Cmds {
			for _, argument := range command.Args {
				w.reads(argument, dot)
			}
		}
		return
	}
	if chain, ok := node.(*parse.ChainNode); ok && w.place(chain, dot) == "" {
		w.reads(chain.Node, dot)
		return
	}
	if path, found := strings.CutPrefix(w.place(node, dot), "Values."); found {
		w.read[path] = true
	}
}

func (w *walker) place(node parse.Node, dot string) string {
	switch node := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return below(dot, node.Ident)
	case *parse.VariableNode:
		return below(w.places[node.Ident[0]], node.Ident[1:])
	case *parse.ChainNode:
		return below(w.place(node.Node, dot), node.Field)
	case *parse.PipeNode:
		if len(node.Cmds) == 1 && len(node.Cmds[0].Args) == 1 {
			return w.place(node.Cmds[0].Args[0], dot)
		}
	}
	return ""
}

func below(place string, names []string) string {
	switch {
	case len(names) == 0 || place == "":
		return place
	case place == root && names[0] == "Values":
		return strings.Join(names, ".")
	case place == root:
		return ""
	}
	return place + "." + strings.Join(names, ".")
}
