package metrics

import (
	"bytes"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/tally"
	"github.com/sekisho/sekisho/text"
)

func TestPagesAreCurrent(t *testing.T) {
	for lang, file := range map[text.Lang]string{
		text.EN: "../docs/reference/metrics.md", text.JA: "../docs/reference/metrics.ja.md",
	} {
		var now bytes.Buffer
		if err := Page(&now, lang); err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(now.Bytes(), kept) {
			t.Errorf("%s is not what the figures say (%v); run: go run ./cmd/sekisho metrics --explain --lang %s >%s",
				file[3:], err, lang, file[3:])
		}
	}
}

func TestEveryFigureIsExplained(t *testing.T) {
	names := map[Name]bool{}
	for _, f := range figures {
		if names[f.name] {
			t.Errorf("%s stands twice", f.name)
		}
		names[f.name] = true
		for _, suffix := range []text.Key{"", ".do"} {
			if _, ok := text.Lookup(text.Key("metric."+f.name) + suffix); !ok {
				t.Errorf("metric.%s%s has no sentence", f.name, suffix)
			}
		}
		if total := strings.HasSuffix(string(f.name), "_total"); total != (f.kind == Counter) {
			t.Errorf("%s: counters, and only they, end in _total", f.name)
		}
		if seconds := strings.HasSuffix(string(f.name), "_seconds"); seconds != (f.kind == Histogram) {
			t.Errorf("%s: histograms, and only they, end in _seconds", f.name)
		}
	}
}

// scrape asks a Metrics that this reader fills.
func scrape(t *testing.T, read Reader) (code int, body string) {
	t.Helper()
	m, err := New(read)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Code, w.Body.String()
}

func TestAScrapeShowsWhatWasPut(t *testing.T) {
	var d tally.Delays
	d.Add(3 * time.Millisecond)
	code, body := scrape(t, func(s *Set) {
		s.Put(CallsUp, 7)
		s.Put(CallsBegun, 41, "incoming")
		s.PutBool(Claimed, true)
		s.PutDelays(CommitSeconds, d.Read())
	})
	if code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	lines := strings.Split(body, "\n")
	for _, want := range []string{
		"sekisho_calls_up 7", `sekisho_calls_begun_total{direction="incoming"} 41`, "sekisho_claimed 1",
		`sekisho_store_commit_seconds_bucket{le="0.0025"} 0`, `sekisho_store_commit_seconds_bucket{le="0.005"} 1`,
		"sekisho_store_commit_seconds_count 1", "# TYPE sekisho_calls_begun_total counter",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in\n%s", want, body)
		}
	}
	for _, want := range []string{"go_gc_heap_allocs_objects_total", "process_resident_memory_bytes", "go_goroutines"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestAWrongFigureFailsTheScrape(t *testing.T) {
	for name, read := range map[string]Reader{
		"unknown":         func(s *Set) { s.Put("sekisho_nothing", 1) },
		"missing label":   func(s *Set) { s.Put(CallsBegun, 1) },
		"too many labels": func(s *Set) { s.Put(CallsUp, 1, "x") },
		"not durations":   func(s *Set) { s.Put(CommitSeconds, 1) },
		"no durations":    func(s *Set) { s.PutDelays(CallsUp, tally.Copy{}) },
	} {
		if code, body := scrape(t, read); code != 500 {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
}
