package lamp

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var morning = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

// document is a body as a phone reads it.
type document struct {
	XMLName xml.Name `xml:"urn:ietf:params:xml:ns:dialog-info dialog-info"`
	Version uint32   `xml:"version,attr"`
	State   string   `xml:"state,attr"`
	Entity  string   `xml:"entity,attr"`
	Dialogs []struct {
		ID        string `xml:"id,attr"`
		CallID    string `xml:"call-id,attr"`
		LocalTag  string `xml:"local-tag,attr"`
		RemoteTag string `xml:"remote-tag,attr"`
		Direction string `xml:"direction,attr"`
		State     string `xml:"state"`
		Local     party  `xml:"local"`
		Remote    party  `xml:"remote"`
	} `xml:"dialog"`
}

type party struct {
	Identity struct {
		URI     string `xml:",chardata"`
		Display string `xml:"display,attr"`
	} `xml:"identity"`
	Target struct {
		URI    string `xml:"uri,attr"`
		Params []struct {
			Name  string `xml:"pname,attr"`
			Value string `xml:"pvalue,attr"`
		} `xml:"param"`
	} `xml:"target"`
}

func read(t testing.TB, body []byte) *document {
	t.Helper()
	var d document
	if err := xml.Unmarshal(body, &d); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(d.Dialogs) != 1 || d.State != "full" {
		t.Fatalf("%d dialogs, state %q in %s", len(d.Dialogs), d.State, body)
	}
	return &d
}

// shows is what a lamp that was given a body shows: one word for each thing that
// a phone can tell apart.
func (d *document) shows() string {
	g := d.Dialogs[0]
	held := slices.ContainsFunc(g.Local.Target.Params, func(p struct {
		Name  string `xml:"pname,attr"`
		Value string `xml:"pvalue,attr"`
	},
	) bool {
		return p.Name == "+sip.rendering" && p.Value == "no"
	})
	out := g.State
	if held {
		out += " held"
	}
	if g.Direction != "" {
		out += " " + g.Direction
	}
	if g.Local.Identity.URI != "" {
		out += " by " + g.Local.Identity.URI
	}
	if g.Remote.Identity.URI != "" {
		out += fmt.Sprintf(" with %q %s", g.Remote.Identity.Display, g.Remote.Identity.URI)
	}
	if g.CallID != "" {
		out += fmt.Sprintf(" dialog %s;%s;%s", g.CallID, g.LocalTag, g.RemoteTag)
	}
	return out
}

// watch puts a lamp on the board and gives its first body.
func watch(t *testing.T, b *Board, entity, device, agent string) ID {
	t.Helper()
	extension, _, _ := strings.Cut(device, "-")
	id, err := b.Watch(Watcher{Entity: entity, Device: device, Extension: extension, UserAgent: agent}, morning)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func shown(t *testing.T, b *Board, id ID) string {
	t.Helper()
	return read(t, b.Body(id, 1)).shows()
}

// TestWhoSeesWhat is the table of pbx lamps: each state, as the phone that has
// it, another phone of its extension and a third one are told.
func TestWhoSeesWhat(t *testing.T) {
	call := State{Number: "0312345678", Name: "田中", CallID: "c", LocalTag: "l", RemoteTag: "r"}
	with := ` with "田中" sip:0312345678@unit dialog c;l;r`
	at := func(p Phase, change func(*State)) State {
		s := call
		s.Phase = p
		if change != nil {
			change(&s)
		}
		return s
	}
	by202 := func(s *State) { s.Device, s.Extension = "202-1", "202" }
	for _, c := range []struct {
		name               string
		state              State
		mine, same, others string
	}{
		{"idle", State{Number: "1"}, "terminated", "terminated", "terminated"},
		{
			"seized",
			State{Phase: Seized, Device: "202-1", Extension: "202", Outgoing: true},
			"confirmed initiator by sip:202@unit", "confirmed initiator by sip:key1@unit",
			"confirmed initiator by sip:202@unit",
		},
		{
			"ringing", at(Ringing, nil), "early recipient by sip:key1@unit" + with,
			"early recipient by sip:key1@unit" + with, "early recipient by sip:key1@unit" + with,
		},
		{
			"talking", at(Talking, by202), "confirmed recipient by sip:202@unit" + with,
			"confirmed recipient by sip:key1@unit", "confirmed recipient by sip:202@unit",
		},
		{
			"held for all", at(Held, by202), "confirmed held recipient by sip:202@unit" + with,
			"confirmed held recipient by sip:key1@unit" + with, "confirmed held recipient by sip:202@unit" + with,
		},
		{
			"held for itself", at(Held, func(s *State) { by202(s); s.Private = true }),
			"confirmed held recipient by sip:202@unit" + with,
			"confirmed held recipient by sip:key1@unit", "confirmed held recipient by sip:202@unit",
		},
	} {
		b := NewBoard("unit")
		mine, same := watch(t, b, "key1", "202-1", ""), watch(t, b, "key1", "202-2", "")
		others := watch(t, b, "key1", "203-1", "")
		b.Set("key1", c.state, morning)
		for id, want := range map[ID]string{mine: c.mine, same: c.same, others: c.others} {
			if got := shown(t, b, id); got != want {
				t.Errorf("%s: watcher %d sees\n%s, not\n%s", c.name, id, got, want)
			}
		}
	}
}

func TestQuirks(t *testing.T) {
	b := NewBoard("unit")
	busy := State{Phase: Talking, Waiting: true}
	plain, spa := watch(t, b, "201", "202-1", "Yealink SIP-T46U"), watch(t, b, "201", "203-1", "Cisco/SPA504G-7.6.2")
	b.Set("201", busy, morning)
	a, c := shown(t, b, plain), shown(t, b, spa)
	if !strings.HasPrefix(a, "confirmed") || !strings.HasPrefix(c, "early") {
		t.Errorf("a call that rings beside another shows %q and %q", a, c)
	}
}

// TestBlinking has a lamp blink on a phone that can't.
func TestBlinking(t *testing.T) {
	b := NewBoard("unit")
	id := watch(t, b, "park1", "202-1", "Panasonic_KX-UT136/01.133")
	shown(t, b, id)
	b.Set("park1", State{Phase: Held, Number: "1"}, morning)
	var seen []string
	for now := morning; now.Before(morning.Add(9 * time.Second)); now = now.Add(100 * time.Millisecond) {
		for _, due := range b.Due(now) {
			word, _, _ := strings.Cut(shown(t, b, due), " ")
			seen = append(seen, fmt.Sprint(now.Sub(morning), " ", word))
		}
	}
	want := []string{"0s early", "2s terminated", "4s early", "6s terminated", "8s early"}
	if !slices.Equal(seen, want) {
		t.Errorf("got %v", seen)
	}
	b.Set("park1", State{}, morning.Add(9*time.Second))
	if due := b.Due(morning.Add(9 * time.Second)); len(due) != 1 || shown(t, b, id) != "terminated" {
		t.Error("the lamp stays on")
	}
	if at := b.Deadline(); !at.IsZero() {
		t.Errorf("something is due at %s", at)
	}
}

func TestNothingTwice(t *testing.T) {
	b := NewBoard("unit")
	id := watch(t, b, "201", "202-1", "")
	shown(t, b, id)
	s := State{Phase: Talking, Number: "1", Extension: "201"}
	b.Set("201", s, morning)
	if len(b.Due(morning)) != 1 {
		t.Fatal("not told")
	}
	b.Set("201", State{}, morning) // before it went out
	b.Set("201", s, morning)
	if due := b.Due(morning); len(due) != 0 {
		t.Error("told once more, though the message is still to go")
	}
	shown(t, b, id)
	s.Number = "2" // which others don't see
	b.Set("201", s, morning)
	b.Set("201", State{}, morning) // and back, before it had its turn
	b.Set("201", s, morning)
	if due := b.Due(morning); len(due) != 0 {
		t.Error("told what it knows")
	}
}

// TestPace changes more than a phone may be told at once.
func TestPace(t *testing.T) {
	b := NewBoard("unit")
	var ids []ID
	for i := range 100 {
		ids = append(ids, watch(t, b, fmt.Sprint("key", i), "202-1", ""))
		shown(t, b, ids[i])
	}
	now := morning // what they were told first does not count
	for i := range 100 {
		b.Set(fmt.Sprint("key", i), State{Phase: Ringing}, now)
	}
	told := 0
	for until := now.Add(time.Second); now.Before(until); now = now.Add(time.Millisecond) {
		due := b.Due(now)
		if told == 0 && len(due) != TellAtOnce {
			t.Errorf("%d at once", len(due))
		}
		told += len(due)
		for _, id := range due {
			shown(t, b, id)
		}
	}
	if most := TellAtOnce + int(time.Second/TellEvery); told > most || told < most-2 {
		t.Errorf("told %d in a second, not %d", told, most)
	}
}

// TestAPhoneThatStartedAnew has as many watchers that it has forgotten as new ones: those
// it knows are told first, the others are told too, and find out that they are forgotten.
func TestAPhoneThatStartedAnew(t *testing.T) {
	b := NewBoard("unit")
	const keys = 2 * TellAtOnce
	var old, fresh []ID
	for _, ids := range []*[]ID{&old, &fresh} {
		for i := range keys {
			*ids = append(*ids, watch(t, b, fmt.Sprint("key", i), "202-1", ""))
			shown(t, b, (*ids)[i])
		}
	}
	other := watch(t, b, "key0", "203-1", "")
	shown(t, b, other)
	now := morning.Add(time.Hour)
	for i := range keys {
		b.Set(fmt.Sprint("key", i), State{Phase: Ringing}, now)
	}
	var told []ID
	for until := now.Add(2 * keys * TellEvery); now.Before(until); now = now.Add(time.Millisecond) {
		for _, id := range b.Due(now) {
			shown(t, b, id)
			if id != other {
				told = append(told, id)
			}
		}
	}
	if want := append(fresh, old...); !slices.Equal(told, want) {
		t.Errorf("told %v, not %v", told, want)
	}
}

// TestAPhoneWithTwoKeysOfOneName has forgotten neither: the one that it asked for first
// waits behind its other keys once, and not for life.
func TestAPhoneWithTwoKeysOfOneName(t *testing.T) {
	b := NewBoard("unit")
	var ids []ID
	for _, name := range []string{"key0", "key0", "key1"} {
		ids = append(ids, watch(t, b, name, "202-1", ""))
		shown(t, b, ids[len(ids)-1])
	}
	for i, want := range [][]ID{{ids[1], ids[2], ids[0]}, {ids[0], ids[1], ids[2]}} {
		now := morning.Add(time.Duration(i+1) * time.Hour)
		phase := []Phase{Ringing, Talking}[i]
		b.Set("key0", State{Phase: phase}, now)
		b.Set("key1", State{Phase: phase}, now)
		due := b.Due(now)
		if !slices.Equal(due, want) {
			t.Errorf("told %v, not %v", due, want)
		}
		for _, id := range due {
			shown(t, b, id)
		}
	}
}

func TestLimits(t *testing.T) {
	b := NewBoard("unit")
	for i := range WatchersPerDevice {
		watch(t, b, fmt.Sprint(i), "202-1", "")
	}
	if _, err := b.Watch(Watcher{Entity: "x", Device: "202-1"}, morning); !errors.Is(err, ErrFull) {
		t.Errorf("one too many for a device: %v", err)
	}
	for i := WatchersPerDevice; i < EntitiesMax; i++ {
		b.Set(fmt.Sprint(i), State{Phase: Talking}, morning)
	}
	b.Set("x", State{Phase: Talking}, morning)
	_, err := b.Watch(Watcher{Entity: "x", Device: "1"}, morning)
	if !errors.Is(err, ErrFull) || len(b.List()) != EntitiesMax {
		t.Errorf("one entity too many: %v", err)
	}
	for i := range WatchersMax - WatchersPerDevice {
		watch(t, b, "0", fmt.Sprint("d", i), "")
	}
	if _, err := b.Watch(Watcher{Entity: "0", Device: "1"}, morning); !errors.Is(err, ErrFull) {
		t.Errorf("one watcher too many: %v", err)
	}
}

// TestNothingIsLeft takes everything away again.
func TestNothingIsLeft(t *testing.T) {
	b := NewBoard("unit")
	a, c := watch(t, b, "park1", "202-1", "Panasonic_KX-UT136"), watch(t, b, "park1", "203-1", "")
	b.Set("park1", State{Phase: Held}, morning)
	b.Unwatch(a)
	b.Unwatch(c)
	b.Unwatch(c)
	if body := b.Body(a, 1); body != nil {
		t.Error("a watcher that is gone is told")
	}
	b.Set("park1", State{}, morning)
	b.Due(morning)
	if len(b.List())+len(b.devices)+len(b.blinking)+len(b.waiting) != 0 {
		t.Errorf("left: %v, %d, %d, %d", b.List(), len(b.devices), len(b.blinking), len(b.waiting))
	}
}
