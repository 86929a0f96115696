package line

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestLinesOfAnotherSite are up as long as the site is, ask nobody by themselves, and come
// last for an emergency call.
func TestLinesOfAnotherSite(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	h := newSite(t,
		fact.Line{ID: "over", Profile: "site", Registrar: "tokyo", Transport: "tls"},
		fact.Line{ID: "own", Profile: "generic-static", Registrar: "192.0.2.1", Priority: 5},
	)
	if h.Lines.Site("over") != "tokyo" || h.Lines.Site("own") != "" || h.Lines.Site("gone") != "" {
		t.Error("whose lines they are is not known")
	}
	tasks, _ := h.Lines.Due(now)
	for _, task := range tasks {
		if task.Line == "over" {
			t.Errorf("it asks by itself: %+v", task)
		}
	}
	for _, up := range []bool{false, true} {
		h.Lines.SiteUp(func(site string) bool { return up && site == "tokyo" }, now)
		if s := h.Lines.List(now)[0]; s.ID != "over" || s.Up != up || s.Emergency {
			t.Errorf("the site is up: %v, and the line %+v", up, s)
		}
	}
	if order := h.Lines.Order([]string{"over", "own"}, true, now); order[0] != "own" {
		t.Errorf("an emergency call goes by %v", order)
	}
	for _, w := range h.Lines.Warnings() {
		if w.Line == "over" {
			t.Errorf("warned of %+v", w)
		}
	}
}
