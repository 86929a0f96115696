package storetest

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// recordingsFollow: a recording is there from when it begins until it is deleted, with
// its hash when it is over, and with who was given it last.
func recordingsFollow(t *testing.T, open Open) {
	s := open(t, nil)
	first := fact.Recording{
		ID: "r1", File: "f1", Call: "c1", From: "0312345678", To: "201", Extension: "201", Line: "l1",
		By: "unit", Rule: "201", Began: Day,
	}
	second := fact.Recording{ID: "r2", File: "f2", Call: "c2", By: "phone/202-1", Began: Day}
	must(t, s, facts(fact.RecordingBegun{Recording: second}, fact.RecordingBegun{Recording: first}))
	same(t, "recordings", get(t, s.Recordings), []fact.Recording{first, second})

	ended := fact.RecordingEnded{
		ID: "r1", Why: fact.RecordingOver, Seconds: 60, Bytes: 960_058, SHA256: "ab", LostMS: 20,
		At: Day.Add(time.Minute),
	}
	read := fact.RecordingRead{ID: "r1", By: "user:root", At: Day.Add(time.Hour)}
	must(t, s, facts(ended, fact.RecordingPaused{ID: "r1", On: true}, read, read))
	first.End(ended)
	first.Reads, first.ReadBy, first.ReadAt = 2, "user:root", Day.Add(time.Hour)
	same(t, "recordings", get(t, s.Recordings), []fact.Recording{first, second})

	must(t, s, facts(fact.RecordingDeleted{ID: "r1", By: "unit", At: Day}))
	same(t, "recordings", get(t, s.Recordings), []fact.Recording{second})
	for _, f := range []fact.Fact{
		fact.RecordingDeleted{ID: "r1"},
		fact.RecordingEnded{ID: "r1"},
		fact.RecordingRead{ID: "r1"},
		fact.RecordingBegun{Recording: second},
	} {
		if err := Write(t, s, facts(f)); err == nil {
			t.Errorf("%s of a recording that can't have it", f.Kind())
		}
	}
}
