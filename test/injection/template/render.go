package template

import (
	"fmt"
	"strings"
	"text/template"
)

// Render executes a template, with Go's default for missing keys.
func Render(name, text string, data any) (string, error) {
	parsed, err := parseTemplate(name, text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := parsed.Execute(&out, data); err != nil {
		return "", fmt.Errorf("failed to run injection template: %w", err)
	}
	return out.String(), nil
}

func parseTemplate(name, text string) (*template.Template, error) {
	parsed, err := template.New(name).Funcs(functions()).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("failed to parse injection template: %w", err)
	}
	return parsed, nil
}
