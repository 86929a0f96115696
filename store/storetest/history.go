package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// callsAreMissed: by those who were called where nobody took the call, and by nobody
// where somebody did; what asks the unit for something is no call to anybody.
func callsAreMissed(t *testing.T, open Open) {
	s := open(t, nil)
	who := fact.Party{Extension: "201", Device: "201-1"}
	must(t, s, facts(
		fact.CallStarted{Call: "c0", Direction: fact.Incoming, From: "0455551234", At: Day},
		fact.CallEnded{Call: "c0", Missed: []string{"202", "203"}, RangMS: 12_345, Ended: Day.Add(time.Minute)},
		fact.CallEnded{
			Call: "c1", First: true, Direction: fact.Internal, Party: who, From: "201", To: "202",
			Taken: "202", Maker: "201", Ended: Day,
		},
		fact.CallJudged{
			Call: "c2", First: true, Direction: fact.Outgoing, Party: who, From: "201", Dialed: "0312345678",
			Started: Day, At: Day,
		},
		fact.CallEnded{Call: "c2", Maker: "201", Ended: Day},
		fact.CallEnded{
			Call: "c3", First: true, Direction: fact.Internal, Party: who, To: "*97", Maker: "201", Ended: Day,
		},
		fact.CallEnded{
			Call: "c4", First: true, Direction: fact.Internal, Party: who, To: "park1", Maker: "201", Ended: Day,
		},
		fact.CallEnded{
			Call: "c5", First: true, Direction: fact.Internal, Party: who, From: "201", To: "202",
			Missed: []string{"202"}, RangMS: 1, Maker: "201", Ended: Day,
		},
		// as a version wrote it that knew no history, and a call that a unit died in
		fact.CallEnded{Call: "c6", First: true, Direction: fact.Internal, Party: who, To: "202", Ended: Day},
	))
	for _, c := range []struct {
		filter store.HistoryFilter
		want   []string
	}{
		{store.HistoryFilter{How: store.Missed}, []string{"c5 202 1ms", "c0 202 12.345s", "c0 203 12.345s"}},
		{store.HistoryFilter{How: store.Missed, Limit: 1}, []string{"c5 202 1ms"}},
		{store.HistoryFilter{How: store.Missed, Extension: "203"}, []string{"c0 203 12.345s"}},
		{store.HistoryFilter{How: store.Received, Extension: "202"}, []string{"c1 202 0s"}},
		{store.HistoryFilter{How: store.Received, Extension: "203"}, nil},
		{store.HistoryFilter{How: store.Dialed, Extension: "201"}, []string{"c5 201 0s", "c2 201 0s", "c1 201 0s"}},
	} {
		var got []string
		for _, p := range get(t, func(ctx context.Context) ([]store.Past, error) { return s.History(ctx, c.filter) }) {
			got = append(got, fmt.Sprint(p.Call, " ", p.Who, " ", p.Rang))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.filter, got, c.want)
		}
	}
	check(t, s)
}
