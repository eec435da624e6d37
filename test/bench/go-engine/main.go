// Command go-engine measures what Helm's own engine takes for the cases of the corpus, in one process and after the charts
// are loaded: dependencies, values with schemas, templates, sorting. It prints JSON.
//
//	go run . <corpus folder> <rounds>
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

type corpusCase struct {
	ID          string
	Chart       string
	Release     string
	Namespace   string
	KubeVersion string
	Values      string
	Error       string
}

func main() {
	corpus, rounds := os.Args[1], must(strconv.Atoi(os.Args[2]))
	cases := readCases(corpus)
	archives := map[string][]byte{}
	for _, c := range cases {
		if archives[c.Chart] == nil {
			archives[c.Chart] = must(os.ReadFile(filepath.Join(corpus, c.Chart)))
		}
	}
	var perRound []float64
	for range rounds {
		perRound = append(perRound, measure(corpus, cases, archives))
	}
	sort.Float64s(perRound)
	out := map[string]any{"cases": len(cases), "cpu_ms_per_case": perRound[len(perRound)/2] / float64(len(cases))}
	fmt.Println(string(must(json.Marshal(out))))
}

func readCases(corpus string) []corpusCase {
	var list struct{ Cases []corpusCase }
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(corpus, "cases.json"))), &list))
	var out []corpusCase
	for _, c := range list.Cases {
		if c.Error == "" {
			out = append(out, c)
		}
	}
	return out
}

// measure runs all cases once and returns the milliseconds of CPU. Charts and values are read before, since rendering
// changes both.
func measure(corpus string, cases []corpusCase, archives map[string][]byte) float64 {
	charts := make([]*chart.Chart, len(cases))
	values := make([]map[string]any, len(cases))
	for i, c := range cases {
		charts[i] = must(loader.LoadArchive(strings.NewReader(string(archives[c.Chart]))))
		values[i] = map[string]any{}
		if c.Values != "" {
			values[i] = must(common.ReadValuesFile(filepath.Join(corpus, c.Values)))
		}
	}
	runtime.GC()
	before := cpu()
	for i, c := range cases {
		render(c, charts[i], values[i])
	}
	return float64((cpu() - before).Microseconds()) / 1000
}

func render(c corpusCase, ch *chart.Chart, values map[string]any) {
	check(chartutil.ProcessDependencies(ch, values))
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion = *must(common.ParseKubeVersion(c.KubeVersion))
	options := common.ReleaseOptions{Name: c.Release, Namespace: c.Namespace, Revision: 1, IsInstall: true}
	scope := must(util.ToRenderValuesWithSchemaValidation(ch, values, options, caps, false))
	files := must(engine.Engine{}.Render(ch, scope))
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	_, _, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	check(err)
}

func cpu() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
