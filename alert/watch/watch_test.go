package watch

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// noon is a Wednesday in Japan.
var noon = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)

func refused(call, device string) fact.CallJudged {
	return fact.CallJudged{
		Call: call, Party: fact.Party{Extension: "201", Device: device}, Class: "international", Area: "SL",
		Number: "23276123456", Verb: "refuse", Rule: "international",
	}
}

// told lists what a step tells, as "kind notice count".
func told(s Step) []string {
	var out []string
	for _, a := range s.Alerts {
		out = append(out, fmt.Sprintf("%s %s %d", a.Kind, a.Notice, a.Count))
	}
	return out
}

func want(t *testing.T, what string, s Step, wanted ...string) {
	t.Helper()
	if got := told(s); !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s: got %q, want %q", what, got, wanted)
	}
}

func TestAnAttackIsAHandfulOfAlerts(t *testing.T) {
	w := New(Settings{})
	now := noon
	want(t, "first", w.Take(refused("c0", "201-1"), now))
	want(t, "first call on its second line", w.Take(refused("c0", "201-1"), now))
	second := w.Take(refused("c1", "201-1"), now.Add(25*time.Second))
	want(t, "second", second, "barred begun 2")
	if len(second.Keep) != 1 || second.Keep[0].Told != 2 {
		t.Errorf("the episode is not kept: %+v", second.Keep)
	}
	n := 0
	for i := range 600 { // the pace of 2015: one every 25 s, for four hours
		n += len(w.Take(refused(fmt.Sprint("d", i), "201-1"), now.Add(time.Duration(50+25*i)*time.Second)).Alerts)
	}
	if n != 4 {
		t.Errorf("%d alerts in four hours, want one an hour", n)
	}
	end := now.Add(50*time.Second + 599*25*time.Second)
	want(t, "not over yet", w.Tick(end.Add(time.Hour-time.Second)))
	over := w.Tick(end.Add(time.Hour))
	want(t, "over", over, "barred over 602")
	if len(over.Forget) != 1 {
		t.Errorf("the episode is not forgotten: %+v", over.Forget)
	}
	want(t, "nothing twice", w.Tick(end.Add(2*time.Hour)))
}

func TestWhatOfficesDoThemselvesIsNoAttack(t *testing.T) {
	w := New(Settings{})
	for i, rule := range []string{"hours", "line-class", "extension-class", "unclaimed", "degraded"} {
		f := refused(fmt.Sprint("c", i), "201-1")
		f.Rule, f.Class = rule, "mobile"
		if Concerns(f) {
			t.Errorf("%s concerns alerts", rule)
		}
		want(t, rule, w.Take(f, noon))
	}
	ended := fact.CallEnded{Call: "c"}
	if Concerns(ended) {
		t.Error("the end of a call concerns alerts")
	}
}

func TestCallsAbroad(t *testing.T) {
	s := Settings{Office: Hours{From: 8 * 60, To: 20 * 60}}
	f := refused("c1", "201-1")
	f.Verb = "pass"
	want(t, "at noon", New(s).Take(f, noon), "abroad begun 1")
	night := noon.Add(9 * time.Hour) // 21:00
	want(t, "at night", New(s).Take(f, night), "abroad begun 1", "off-hours begun 1")
	want(t, "refused at night", New(s).Take(refused("c2", "201-1"), night), "off-hours begun 1")
	saturday := noon.AddDate(0, 0, 3)
	want(t, "on Saturday", New(s).Take(refused("c2", "201-1"), saturday), "off-hours begun 1")
	w := New(s)
	w.Take(f, noon)
	f.Call = "c3"
	want(t, "the second is not told at once", w.Take(f, noon.Add(time.Minute)))
	want(t, "but in the end", w.Tick(noon.Add(2*time.Hour)), "abroad over 2")
}

func TestStrangers(t *testing.T) {
	w := New(Settings{})
	failed := fact.AuthenticationFailed{Source: "192.0.2.66", Count: 19}
	want(t, "below the threshold", w.Take(failed, noon))
	failed.Count = 1
	want(t, "at it", w.Take(failed, noon.Add(time.Minute)), "sign-in begun 20")
	emergency := fact.EmergencyRefused{Source: "192.0.2.67", Number: "110", Count: 1}
	want(t, "110 by a stranger", w.Take(emergency, noon), "sign-in begun 1")
}

func TestChangesAreToldAtOnceAndSummedUp(t *testing.T) {
	w := New(Settings{})
	added := fact.PhoneAdded{Phone: fact.Phone{Device: "201-1", CreatedBy: "user:root"}}
	want(t, "first", w.Take(added, noon), "change begun 1")
	want(t, "more", w.Take(fact.SecretRenewed{Device: "201-1", By: "user:root"}, noon.Add(time.Minute)))
	want(t, "sum", w.Tick(noon.Add(11*time.Minute)), "change over 2")
	moved := fact.PhoneMoved{Device: "201-1", From: "192.0.2.7", To: "198.51.100.9"}
	want(t, "moved", w.Take(moved, noon), "new-place begun 1")
}

func TestConditionsLastAndRecover(t *testing.T) {
	w := New(Settings{})
	broken := Condition{Name: "store", Broken: true, What: text.Of("system.disk-full")}
	want(t, "just broken", w.Report(broken, noon))
	want(t, "for 9 s", w.Report(broken, noon.Add(9*time.Second)))
	want(t, "for 10 s", w.Report(broken, noon.Add(10*time.Second)), "safeguard begun 1")
	want(t, "still", w.Report(broken, noon.Add(20*time.Second)))
	want(t, "after an hour", w.Report(broken, noon.Add(time.Hour+10*time.Second)), "safeguard again 1")
	want(t, "silence is no recovery", w.Tick(noon.Add(10*time.Hour)))
	want(t, "well", w.Report(Condition{Name: "store"}, noon.Add(11*time.Hour)), "safeguard over 1")
	want(t, "and well", w.Report(Condition{Name: "store"}, noon.Add(11*time.Hour)))
	w.Report(broken, noon)
	want(t, "a moment is not told", w.Report(Condition{Name: "store"}, noon.Add(5*time.Second)))
}

func TestQuietHoursHoldBackWhatMayWait(t *testing.T) {
	s := Settings{Quiet: Hours{From: 22 * 60, To: 7 * 60}, Thresholds: map[Kind]int{Barred: 1}}
	night := time.Date(2015, 3, 11, 14, 30, 0, 0, time.UTC) // 23:30
	morning := time.Date(2015, 3, 11, 22, 0, 0, 0, time.UTC)
	a := New(s).Take(refused("c", "201-1"), night).Alerts
	if len(a) != 1 || !a[0].Due.Equal(morning) {
		t.Errorf("due %+v, want %v", a, morning)
	}
	a = New(s).Take(fact.ConfigChanged{By: "uid:0"}, night).Alerts
	if len(a) != 1 || !a[0].Due.Equal(night) {
		t.Errorf("a loud one waits: %+v", a)
	}
}

func TestEpisodesOutliveRestarts(t *testing.T) {
	w := New(Settings{})
	w.Take(refused("c0", "201-1"), noon)
	kept := w.Take(refused("c1", "201-1"), noon).Keep
	w = New(Settings{})
	w.Restore(append(kept, Episode{Kind: "of another version", About: "x"}))
	want(t, "not told again", w.Take(refused("c2", "201-1"), noon.Add(time.Minute)))
	want(t, "over", w.Tick(noon.Add(2*time.Hour)), "barred over 3")
}

func TestAFloodIsBounded(t *testing.T) {
	w := New(Settings{Thresholds: map[Kind]int{SignIn: 1}})
	alerts := 0
	for i := range 3 * EpisodesMax {
		alerts += len(w.Take(fact.AuthenticationFailed{Source: fmt.Sprint("s", i), Count: 1}, noon).Alerts)
	}
	if alerts != HourlyMax || len(w.episodes) > EpisodesMax+1 {
		t.Errorf("%d alerts, %d episodes", alerts, len(w.episodes))
	}
	w.Take(refused("c0", "201-1"), noon)
	want(t, "another kind is heard", w.Take(refused("c1", "201-1"), noon), "barred begun 2")
	later := w.Take(fact.EmergencyRefused{Source: "new", Count: 1}, noon.Add(time.Hour))
	if len(later.Alerts) == 0 || later.Alerts[0].Withheld == 0 {
		t.Errorf("nobody learns of those withheld: %+v", later.Alerts)
	}
}

// TestEveryAlertCanBeSaid: no key without a sentence, no sentence with the
// wrong number of arguments, and never a number that was dialed.
func TestEveryAlertCanBeSaid(t *testing.T) {
	facts := append(fact.All(), fact.ControlUsed{Command: "claim", Refused: "cli.claim.wrong"})
	for _, person := range []string{"mailbox-201", "room-1"} {
		facts = append(facts, fact.ChallengeFailed{Person: person, Reason: fact.FailedLocked})
	}
	for _, class := range []string{"international", "global-code", "satellite", "premium", "not-understood", "mobile"} {
		for _, verb := range []string{"pass", "refuse"} {
			f := refused("c", "201-1")
			f.Class, f.Verb, f.Rule = class, verb, "not-understood"
			facts = append(facts, f)
		}
	}
	w := New(Settings{Thresholds: map[Kind]int{Barred: 1, SignIn: 1}, Office: Hours{From: 1, To: 2}})
	said := 0
	for i, f := range facts {
		for _, a := range w.Take(f, noon.Add(time.Duration(i)*24*time.Hour)).Alerts {
			for _, m := range []text.Message{a.Of, a.What, a.Do} {
				said++
				sayable(t, m)
			}
			for _, part := range []text.Key{"alert.title.", "alert.done."} {
				if key := part + a.As; a.As != "" && !key.Known() {
					t.Errorf("no sentence %s", key)
				}
			}
		}
	}
	for _, name := range []string{"store", "disk", "planes", "evidence", "emergency"} {
		w.Report(Condition{Name: name, Broken: true}, noon)
		for _, a := range w.Report(Condition{Name: name, Broken: true}, noon.Add(time.Minute)).Alerts {
			said++
			sayable(t, a.Of)
			sayable(t, a.Do)
		}
	}
	for _, r := range Rules() {
		for _, part := range []text.Key{"alert.title.", "alert.done.", "alert.kind."} {
			if key := part + text.Key(r.Kind); !key.Known() {
				t.Errorf("no sentence %s", key)
			}
		}
	}
	if said < 60 {
		t.Errorf("only %d sentences were looked at", said)
	}
}

func sayable(t *testing.T, m text.Message) {
	t.Helper()
	for _, l := range []text.Lang{text.EN, text.JA} {
		s := m.Say(l)
		for _, bad := range []string{"%!", "alert.", "23276123456"} {
			if m.Key == "" || contains(s, bad) {
				t.Errorf("%s says %q", m.Key, s)
			}
		}
	}
}

func contains(s, part string) bool {
	for i := range len(s) - len(part) + 1 {
		if s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// TestNothingIsToldTooOften: whatever comes in whatever order, each kind has at
// most HourlyMax alerts in an hour, counts never go back, IDs differ.
func TestNothingIsToldTooOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := New(Settings{})
		now := noon
		sent := map[Kind][]time.Time{}
		ids := map[string]bool{}
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "pause")) * time.Second)
			device := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "device")
			var s Step
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				s = w.Take(refused(rapid.StringN(1, 8, 8).Draw(t, "call"), device), now)
			case 1:
				s = w.Take(fact.AuthenticationFailed{Source: device, Count: rapid.IntRange(1, 30).Draw(t, "n")}, now)
			case 2:
				s = w.Take(fact.PhoneMoved{Device: device}, now)
			case 3:
				s = w.Report(Condition{Name: device, Broken: rapid.Bool().Draw(t, "broken")}, now)
			case 4:
				s = w.Tick(now)
			}
			for _, a := range s.Alerts {
				if ids[a.ID] || a.Count < 1 || a.Since.After(a.At) {
					t.Fatalf("%+v", a)
				}
				ids[a.ID] = true
				at := append(sent[a.Kind], a.At)
				sent[a.Kind] = at
				if len(at) > 2*HourlyMax && at[len(at)-1].Sub(at[len(at)-1-2*HourlyMax]) < time.Hour {
					t.Fatalf("%s: more than %d alerts within an hour", a.Kind, 2*HourlyMax)
				}
			}
		}
	})
}

// TestMailboxIsLocked: somebody hears of it at once when PINs are tried at a mailbox until
// it is locked; not of one that was mistyped, nor of a person's own PIN.
func TestMailboxIsLocked(t *testing.T) {
	w := New(Settings{})
	tried := func(person, reason string) Step {
		return w.Take(fact.ChallengeFailed{Person: person, Reason: reason}, noon)
	}
	want(t, "mistyped", tried("mailbox-201", fact.FailedWrong))
	want(t, "a person's own", tried("201", fact.FailedLocked))
	want(t, "locked", tried("mailbox-201", fact.FailedLocked), "sign-in begun 1")
	want(t, "a room", tried("room-1", fact.FailedLocked), "sign-in begun 1")
}
