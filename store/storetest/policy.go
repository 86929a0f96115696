package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// policiesFollow: changes of the policy come back newest first, and of the
// texts the one in force.
func policiesFollow(t *testing.T, open Open) {
	s := open(t, nil)
	list := []fact.PolicyApplied{
		{ID: "p1", Command: "apply", By: "owner", At: Day, Reason: "a", SHA256: "1", Text: "[gate]\n"},
		{ID: "p2", Command: "open", By: "owner", At: Day, Loosens: true, SHA256: "2", Opened: []fact.Opening{opening}},
		{ID: "p3", Command: "apply", By: "owner", At: Day, SHA256: "3", Text: "# 二", Shut: []fact.Opening{opening}},
	}
	must(t, s, facts(list[0]))
	must(t, s, facts(list[1], fact.OpeningAdded{Opening: opening}))
	must(t, s, facts(list[2], fact.OpeningRemoved{ID: opening.ID, At: Day}))
	read := func(limit int) []fact.PolicyApplied {
		return get(t, func(ctx context.Context) ([]fact.PolicyApplied, error) { return s.Policies(ctx, limit) })
	}
	same(t, "changes", read(9), []fact.PolicyApplied{list[2], list[1], list[0]})
	same(t, "last change", read(1), []fact.PolicyApplied{list[2]})
	texts := get(t, func(ctx context.Context) ([]string, error) { return s.PolicyTexts(ctx, 2) })
	same(t, "texts", texts, []string{"# 二", "[gate]\n"})
	if err := Write(t, s, facts(fact.PolicyApplied{ID: "p4"}, fact.OpeningRemoved{ID: opening.ID})); err == nil {
		t.Error("a change that shuts what is not open was written")
	}
	same(t, "changes after one that failed", read(9), []fact.PolicyApplied{list[2], list[1], list[0]})
}

// outsideCalls: those toward lines, the newest first, back to a time, though a
// longer one began before it.
func outsideCalls(t *testing.T, open Open) {
	s := open(t, nil)
	judged := func(call string, way fact.Direction, started time.Time) fact.Fact {
		return fact.CallJudged{
			Call: call, First: true, Direction: way, Dialed: "117", Verb: "pass", Started: started, At: Day,
		}
	}
	must(t, s, facts(
		judged("days ago", fact.Outgoing, Day.Add(-72*time.Hour)), judged("long", fact.Outgoing, Day.Add(-time.Hour)),
		judged("first", fact.Outgoing, Day), judged("in", fact.Incoming, Day),
		judged("late", fact.Outgoing, Day.Add(-2*time.Hour)), judged("last", fact.Outgoing, Day.Add(time.Hour)),
		fact.CallEnded{Call: "inside", First: true, Direction: fact.Internal, Started: Day, Ended: Day},
	))
	for _, c := range []struct {
		since time.Time
		limit int
		want  string
	}{
		{Day, 9, "[last first]"},
		{Day.Add(-time.Hour), 9, "[last first long]"},
		{time.Time{}.AddDate(1, 0, 0), 9, "[last late first long days ago]"},
		{Day, 1, "[last]"},
		{Day, 0, "[]"},
	} {
		var got []string
		for r, err := range s.OutsideCalls(t.Context(), c.since, c.limit) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Call)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("since %v, %d: %v, want %s", c.since, c.limit, got, c.want)
		}
	}
}
