package metrics

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"

	"github.com/sekisho/sekisho/tally"
	"github.com/sekisho/sekisho/text"
)

// Reader puts the figures of this moment into a Set. It is called for every
// scrape, from several goroutines at once.
type Reader func(*Set)

// Set is the figures of one scrape.
type Set struct {
	descs map[Name]*described
	out   chan<- prometheus.Metric
	errs  []error
}

type described struct {
	figure
	desc *prometheus.Desc
}

// ErrFigure is wrapped by complaints about a figure that is not in the table,
// or was given another kind or number of labels.
var ErrFigure = errors.New("no such figure")

// Put gives the value of a counter or gauge. labels are the values of its
// labels in the table's order.
func (s *Set) Put(name Name, value float64, labels ...string) {
	d := s.descs[name]
	if d == nil || d.kind == Histogram {
		s.errs = append(s.errs, fmt.Errorf("%w: %s", ErrFigure, name))
		return
	}
	kind := prometheus.GaugeValue
	if d.kind == Counter {
		kind = prometheus.CounterValue
	}
	s.give(prometheus.NewConstMetric(d.desc, kind, value, labels...))
}

// PutBool gives 1 for true and 0 for false.
func (s *Set) PutBool(name Name, value bool, labels ...string) {
	n := 0.0
	if value {
		n = 1
	}
	s.Put(name, n, labels...)
}

// PutDelays gives the durations of a histogram.
func (s *Set) PutDelays(name Name, c tally.Copy, labels ...string) {
	d := s.descs[name]
	if d == nil || d.kind != Histogram {
		s.errs = append(s.errs, fmt.Errorf("%w: %s", ErrFigure, name))
		return
	}
	buckets := make(map[float64]uint64, len(c.Buckets))
	for _, b := range c.Buckets {
		buckets[b.Bound.Seconds()] = b.Count
	}
	s.give(prometheus.NewConstHistogram(d.desc, c.Count, c.Sum.Seconds(), buckets, labels...))
}

func (s *Set) give(m prometheus.Metric, err error) {
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	s.out <- m
}

// Metrics is the figures of one unit.
type Metrics struct {
	registry *prometheus.Registry
	descs    map[Name]*described
	read     Reader
}

// New makes the figures of a unit; read gives them. Their help is in English,
// as monitoring systems expect; Page explains them in both languages.
func New(read Reader) (*Metrics, error) {
	m := &Metrics{registry: prometheus.NewRegistry(), descs: make(map[Name]*described, len(figures)), read: read}
	for _, f := range figures {
		help := text.Say(text.EN, text.Key("metric."+f.name))
		m.descs[f.name] = &described{f, prometheus.NewDesc(string(f.name), help, f.labels, nil)}
	}
	for _, c := range []prometheus.Collector{
		(*collector)(m), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC)),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return m, nil
}

// collector is how the registry sees Metrics.
type collector Metrics

var _ prometheus.Collector = (*collector)(nil)

// Describe is as in prometheus.Collector.
func (m *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range m.descs {
		out <- d.desc
	}
}

// Collect is as in prometheus.Collector. A figure that the Reader got wrong
// makes the scrape fail: a hole in a graph is seen, a wrong zero is not.
func (m *collector) Collect(out chan<- prometheus.Metric) {
	s := &Set{descs: m.descs, out: out}
	m.read(s)
	if len(s.errs) > 0 {
		out <- prometheus.NewInvalidMetric(m.descs[Info].desc, errors.Join(s.errs...))
	}
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: scrapesMax, Timeout: scrapeTimeMax,
	})
}

// Write prints the figures in Prometheus's text format.
func (m *Metrics) Write(w io.Writer) error {
	families, err := m.registry.Gather()
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	return nil
}
