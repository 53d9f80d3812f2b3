// An ordinary exporter on client_golang with as many series as ours: what a scrape costs there.
//
// `go_exporter SPEC.json CHECKS` prints its address and ends when its standard input does. The specification is what
// one check says (bench/exposition.py); every check says it with a model name of its own. `/cpu` answers the
// processor time that the process has used, in milliseconds.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type family struct {
	Name   string
	Help   string
	Kind   string
	Labels []string
	Bounds []float64
	Series []series
}

type series struct {
	Labels []string
	Value  float64
}

// fill says of one check what the family says, under the check's own model name.
type fill func(model string)

func labelled(each series, at int, model string) []string {
	values := append([]string(nil), each.Labels...)
	values[at] = model
	return values
}

func place(names []string, wanted string) int {
	for at, name := range names {
		if name == wanted {
			return at
		}
	}
	log.Fatalf("no label %q among %v", wanted, names)
	return -1
}

func register(one family, registry *prometheus.Registry) fill {
	at := place(one.Labels, "model")
	switch one.Kind {
	case "histogram":
		vector := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: one.Name, Help: one.Help, Buckets: one.Bounds}, one.Labels)
		registry.MustRegister(vector)
		return func(model string) {
			for _, each := range one.Series {
				vector.WithLabelValues(labelled(each, at, model)...).Observe(each.Value)
			}
		}
	case "counter":
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: one.Name, Help: one.Help}, one.Labels)
		registry.MustRegister(vector)
		return func(model string) {
			for _, each := range one.Series {
				vector.WithLabelValues(labelled(each, at, model)...).Add(each.Value)
			}
		}
	default:
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: one.Name, Help: one.Help}, one.Labels)
		registry.MustRegister(vector)
		return func(model string) {
			for _, each := range one.Series {
				vector.WithLabelValues(labelled(each, at, model)...).Set(each.Value)
			}
		}
	}
}

func cpu(answer http.ResponseWriter, _ *http.Request) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	seconds := float64(used.Utime.Sec+used.Stime.Sec) + float64(used.Utime.Usec+used.Stime.Usec)/1e6
	fmt.Fprintf(answer, "%f", seconds*1000)
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var families []family
	if err := json.Unmarshal(text, &families); err != nil {
		log.Fatal(err)
	}
	checks, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	for _, one := range families {
		say := register(one, registry)
		for number := 0; number < checks; number++ {
			say(fmt.Sprintf("gpt-4o-%04d", number))
		}
	}
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	http.HandleFunc("/cpu", cpu)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.ReadAll(os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, nil))
}
