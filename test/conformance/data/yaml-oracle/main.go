// Answers questions about YAML, JSON and TOML on standard input, one JSON request a line, as Go's libraries do.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"

	"github.com/BurntSushi/toml"
	goyaml2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
	goyaml3 "sigs.k8s.io/yaml/goyaml.v3"
)

type request struct {
	Op    string          `json:"op"`
	Text  string          `json:"text"`
	Value json.RawMessage `json:"value"`
}

type answer struct {
	Out *string `json:"out,omitempty"`
	Err string  `json:"err,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var r request
			if e := json.Unmarshal(line, &r); e != nil {
				panic(e)
			}
			b, _ := json.Marshal(ask(r))
			out.Write(b)
			out.WriteByte('\n')
			if in.Buffered() == 0 {
				out.Flush()
			}
		}
		if err != nil {
			out.Flush()
			return
		}
	}
}

func b64(b []byte) *string { s := base64.StdEncoding.EncodeToString(b); return &s }

func ask(r request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Err: fmt.Sprintf("panic: %v", p)}
		}
	}()
	text, _ := base64.StdEncoding.DecodeString(r.Text)
	out, err := run(r.Op, text, r.Value)
	if err != nil {
		return answer{Err: err.Error()}
	}
	return answer{Out: b64(out)}
}

func run(op string, text []byte, raw json.RawMessage) ([]byte, error) {
	switch op {
	case "read", "readStrict":
		var v any
		var err error
		if op == "read" {
			err = yaml.Unmarshal(text, &v)
		} else {
			err = yaml.UnmarshalStrict(text, &v)
		}
		if err != nil {
			return nil, err
		}
		return json.Marshal(v)
	case "readMap":
		m := map[string]any{}
		if err := yaml.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		return json.Marshal(m)
	case "readJson":
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, err
		}
		return json.Marshal(v)
	case "readToml":
		m := map[string]any{}
		if err := toml.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		return json.Marshal(m)
	}
	v := value(raw)
	switch op {
	case "toYaml":
		return yaml.Marshal(v)
	case "toYamlPretty":
		var b bytes.Buffer
		e := goyaml3.NewEncoder(&b)
		e.SetIndent(2)
		err := e.Encode(v)
		return b.Bytes(), err
	case "toJson":
		return json.Marshal(v)
	case "toPrettyJson":
		return json.MarshalIndent(v, "", "  ")
	case "toRawJson":
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
	case "toToml":
		var b bytes.Buffer
		err := toml.NewEncoder(&b).Encode(v)
		return b.Bytes(), err
	case "goYamlV2":
		return goyaml2.Marshal(sorted(v))
	}
	panic("unknown op " + op)
}

// sorted is what Flux does before it hashes values.
func sorted(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	ms := yaml.JSONObjectToYAMLObject(m)
	sortMap(ms)
	return ms
}

func sortMap(ms goyaml2.MapSlice) {
	sort.Slice(ms, func(i, j int) bool { return ms[i].Key.(string) < ms[j].Key.(string) })
	for _, item := range ms {
		sortAny(item.Value)
	}
}

func sortAny(v any) {
	if ms, ok := v.(goyaml2.MapSlice); ok {
		sortMap(ms)
	} else if s, ok := v.([]any); ok {
		for _, x := range s {
			sortAny(x)
		}
	}
}

// value decodes ["s", base64], ["f", text], ["i", text], ["u", text], ["l", [...]], ["m", [[key, value], ...]], ["n"], ["b", bool].
func value(raw json.RawMessage) any {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		panic(err)
	}
	var kind string
	json.Unmarshal(parts[0], &kind)
	var s string
	switch kind {
	case "n":
		return nil
	case "b":
		var b bool
		json.Unmarshal(parts[1], &b)
		return b
	case "s":
		json.Unmarshal(parts[1], &s)
		b, _ := base64.StdEncoding.DecodeString(s)
		return string(b)
	case "f":
		json.Unmarshal(parts[1], &s)
		f, _ := strconv.ParseFloat(s, 64)
		return f
	case "i":
		json.Unmarshal(parts[1], &s)
		i, _ := strconv.ParseInt(s, 10, 64)
		return int(i)
	case "l":
		var items []json.RawMessage
		json.Unmarshal(parts[1], &items)
		l := make([]any, len(items))
		for i := range items {
			l[i] = value(items[i])
		}
		return l
	case "m":
		var items [][2]json.RawMessage
		json.Unmarshal(parts[1], &items)
		m := map[string]any{}
		for _, it := range items {
			json.Unmarshal(it[0], &s)
			b, _ := base64.StdEncoding.DecodeString(s)
			m[string(b)] = value(it[1])
		}
		return m
	}
	panic("kind " + kind)
}
