// Renders charts with Helm's own engine, as `helm template` does: one JSON question a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	release "helm.sh/helm/v4/pkg/release/v1"
)

type file struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

type question struct {
	// Either an archive or files.
	Archive     string `json:"archive"`
	Files       []file `json:"files"`
	Values      []byte `json:"values"`
	Release     string `json:"release"`
	Namespace   string `json:"namespace"`
	KubeVersion string `json:"kubeVersion"`
	IsUpgrade   bool   `json:"isUpgrade"`
	IncludeCrds bool   `json:"includeCrds"`
}

type hook struct {
	Path     string `json:"path"`
	Manifest []byte `json:"manifest"`
	Facts    string `json:"facts"`
}

type answer struct {
	Manifest []byte `json:"manifest"`
	Notes    []byte `json:"notes"`
	Hooks    []hook `json:"hooks"`
	Error    []byte `json:"error"`
}

var archives = map[string][]*archive.BufferedFile{}

func filesOf(q question) ([]*archive.BufferedFile, error) {
	if q.Archive == "" {
		var files []*archive.BufferedFile
		for _, one := range q.Files {
			files = append(files, &archive.BufferedFile{Name: one.Name, Data: one.Data})
		}
		return files, nil
	}
	if known, ok := archives[q.Archive]; ok {
		return known, nil
	}
	data, err := os.ReadFile(q.Archive)
	if err != nil {
		return nil, err
	}
	files, err := archive.LoadArchiveFiles(bytes.NewReader(data))
	if err == nil {
		archives[q.Archive] = files
	}
	return files, err
}

func load(q question) (*chart.Chart, error) {
	files, err := filesOf(q)
	if err != nil {
		return nil, err
	}
	return loader.LoadFiles(files)
}

func run(q question) (rel *release.Release, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	values, err := loader.LoadValues(bytes.NewReader(q.Values))
	if err != nil {
		return nil, err
	}
	loaded, err := load(q)
	if err != nil {
		return nil, err
	}
	cfg := action.NewConfiguration()
	cfg.SetLogger(slog.NewTextHandler(io.Discard, nil))
	install := action.NewInstall(cfg)
	install.DryRunStrategy = action.DryRunClient
	install.Replace = true
	install.ReleaseName = q.Release
	install.Namespace = q.Namespace
	install.IsUpgrade = q.IsUpgrade
	install.IncludeCRDs = q.IncludeCrds
	if q.KubeVersion != "" {
		if install.KubeVersion, err = common.ParseKubeVersion(q.KubeVersion); err != nil {
			return nil, err
		}
	}
	made, err := install.Run(loaded, values)
	if err != nil {
		return nil, err
	}
	return made.(*release.Release), nil
}

func reply(q question) answer {
	rel, err := run(q)
	if err != nil {
		return answer{Error: []byte(err.Error())}
	}
	out := answer{Manifest: []byte(rel.Manifest), Notes: []byte(rel.Info.Notes)}
	for _, one := range rel.Hooks {
		facts := fmt.Sprintf("%s %s %v %d %v %v", one.Kind, one.Name, one.Events, one.Weight, one.DeletePolicies, one.OutputLogPolicies)
		out.Hooks = append(out.Hooks, hook{Path: one.Path, Manifest: []byte(one.Manifest), Facts: facts})
	}
	return out
}

func main() {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(reply(q)); err != nil {
			os.Exit(1)
		}
		out.Flush()
	}
}
