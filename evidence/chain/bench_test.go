package chain

import (
	"testing"

	"github.com/sekisho/sekisho/fact"
)

func BenchmarkDraft(b *testing.B) {
	d := Drafter{Unit: "u1", Boot: 1, Salt: &counter{}}
	f := fact.CallJudged{
		Call: "c1", Party: fact.Party{
			Origin: "dialed", Extension: "201", Device: "201-1", Credential: "201-1", Source: "192.0.2.7:5060",
			Transport: "udp", UserAgent: "baresip v1.0.0", Registration: "registration/201-1/0011223344556677",
		},
		Authenticated: true, Line: "hikari", Dialed: "0312345678", Class: "geographic", Number: "81312345678",
		Area: "JP", Verb: "pass", Rule: "ordinary", At: day,
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Draft(f, day); err != nil {
			b.Fatal(err)
		}
	}
}
