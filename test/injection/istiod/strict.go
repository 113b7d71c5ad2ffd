package istiod

import (
	"encoding/json"
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// strictly reads a rendered template as JSON and insists that it is a T: no unknown field, no wrong type, no key twice.
// istiod itself is not that strict; it would ignore a misspelt field.
func strictly[T any](rendered string) (asJSON []byte, err error) {
	asJSON, err = yaml.YAMLToJSONStrict([]byte(rendered))
	if err != nil {
		return nil, fmt.Errorf("not YAML: %w\n%s", err, rendered)
	}
	var typed T
	unknown, err := kjson.UnmarshalStrict(asJSON, &typed)
	if err = errors.Join(append(unknown, err)...); err != nil {
		return nil, fmt.Errorf("not a %T: %w\n%s", typed, err, rendered)
	}
	return asJSON, nil
}

// plain turns a typed object into maps and lists.
func plain(value any) (map[string]any, error) {
	asJSON, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	return object, json.Unmarshal(asJSON, &object)
}
