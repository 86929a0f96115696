package line

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"pgregory.net/rapid"
)

// Whatever the carrier answers, and however late, registrations come at a
// bounded rate, one at a time, and a carrier that is well again has us back
// within the longest pause.
func TestRegistrationProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var hosts []string
		for i := range rapid.IntRange(1, 3).Draw(rt, "registrars") {
			hosts = append(hosts, fmt.Sprintf("r%d.example", i))
		}
		s := newSite(t, row("a", "generic-registration", strings.Join(hosts, ",")))
		var sent []time.Time
		last := uint32(0)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			reg := s.task(sip.REGISTER)
			if reg.CSeq <= last {
				rt.Fatalf("CSeq %d after %d", reg.CSeq, last)
			}
			last = reg.CSeq
			sent = append(sent, s.now)
			if n := len(sent) - 1 - len(hosts) - 1; n >= 0 && s.now.Sub(sent[n]) < time.Second {
				rt.Fatalf("%d REGISTERs within %s", len(hosts)+2, s.now.Sub(sent[n]))
			}
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 50).Draw(rt, "wait")) * time.Second)
			status := rapid.SampledFrom([]int{0, 200, 302, 401, 403, 408, 423, 480, 500, 503, 603}).Draw(rt, "status")
			var lines []string
			if n := rapid.IntRange(0, 4).Draw(rt, "header"); n > 0 {
				value := rapid.SampledFrom([]int{0, 1, 30, 7200, 1 << 30}).Draw(rt, "value")
				name := [...]string{"Retry-After", "Min-Expires", "Expires", "X"}[n-1]
				lines = append(lines, fmt.Sprintf("%s: %d", name, value))
			}
			s.answer(reg, status, lines...)
			if status == 200 && !s.state("a").Registered {
				rt.Fatalf("not registered after 200: %+v", s.state("a"))
			}
		}
		start := s.now
		s.answer(s.task(sip.REGISTER), 200)
		if away := s.now.Sub(start); !s.state("a").Registered || away > ExpiresMost {
			rt.Fatalf("back after %s: %+v", away, s.state("a"))
		}
	})
}
