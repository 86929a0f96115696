package site

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// TestCodesFindSlips: a code is read back as it is written, in whatever letters and
// groups; with one letter wrong, or two exchanged, it is none.
func TestCodesFindSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), fingerprintBytes, fingerprintBytes).Draw(t, "key"))
		code := Code(key)
		whole := strings.ReplaceAll(code, "-", "")
		for _, typed := range []string{code, strings.ToLower(code), whole, " " + code + " "} {
			if got, err := ParseCode(typed); err != nil || got != key {
				t.Fatalf("%q is read as %q, %v", typed, got, err)
			}
		}
		text := []byte(whole)
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		other := rapid.SampledFrom([]byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).Draw(t, "other")
		if other == text[at] {
			return
		}
		text[at] = other
		if got, err := ParseCode(string(text)); !errors.Is(err, ErrCode) {
			t.Fatalf("with a slip at %d it is read as %q", at, got)
		}
	})
	for _, bad := range []string{"", "-", "ABCD", "ABCD-EFGH", strings.Repeat("0", 36), "é", strings.Repeat("U", 36)} {
		if _, err := ParseCode(bad); !errors.Is(err, ErrCode) {
			t.Errorf("%q is a code", bad)
		}
	}
	if Code("no hex") != "" || Code("") != "" {
		t.Error("what is no fingerprint has a code")
	}
}

// books keeps what is committed.
type books struct{ facts []fact.Fact }

func (b *books) Commit(w fact.Write, done func(error)) {
	b.facts = append(b.facts, w.Facts...)
	done(nil)
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func osaka(change ...func(*fact.SitePaired)) fact.SitePaired {
	f := fact.SitePaired{Site: "osaka", Key: "aa", Address: "192.0.2.7:5081", Numbers: []string{"3xx"}}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestASiteComesAndGoes(t *testing.T) {
	b := &books{}
	s := New(Config{Committer: b})
	s.Set([]fact.SitePaired{osaka()}, noon)
	now := noon
	ask := func(status int) time.Time {
		t.Helper()
		tasks, next := s.Due(now)
		if len(tasks) != 1 || tasks[0].Place.Peer != "aa" || tasks[0].Place.Listener != Listener {
			t.Fatalf("asked is %+v", tasks)
		}
		if more, _ := s.Due(now); len(more) != 0 {
			t.Fatalf("asked twice: %+v", more)
		}
		s.Result(tasks[0], status, now)
		s.Result(tasks[0], 503, now) // late, and of no account
		_ = next
		_, next = s.Due(now)
		return next
	}
	if _, _, ok := s.Place("osaka"); ok {
		t.Error("a site that was not asked is up")
	}
	if next := ask(503); next.Sub(now) != DoubtEvery {
		t.Errorf("asked again after %s", next.Sub(now))
	}
	now = now.Add(DoubtEvery)
	if next := ask(200); next.Sub(now) != AskEvery {
		t.Errorf("asked again after %s", next.Sub(now))
	}
	if at, device, ok := s.Place("osaka"); !ok || device != "site/osaka" || at.Remote.String() != "192.0.2.7:5081" {
		t.Errorf("it stands at %+v, %s, %v", at, device, ok)
	}
	now = now.Add(AskEvery)
	ask(408)
	if !s.List()[0].Up {
		t.Error("one question without an answer, and it is away")
	}
	now = now.Add(DoubtEvery)
	ask(408)
	if l := s.List()[0]; l.Up || l.Why != WhyUnanswered || l.Status != 408 || !l.Since.Equal(now) {
		t.Errorf("after two: %+v", l)
	}
	s.Heard("osaka", now)
	if !s.List()[0].Up {
		t.Error("it was heard, and is away")
	}
	s.Parted("aa", now)
	ask(503) // at once, and there is no way
	if s.List()[0].Up {
		t.Error("there is no way to it, and it is up")
	}
	var kinds []string
	for _, f := range b.facts {
		kinds = append(kinds, f.Kind())
	}
	if got := strings.Join(kinds, " "); got != "site.down site.up site.down site.up site.down" {
		t.Errorf("on record: %s", got)
	}
}

// TestADriverThatNeverSays: a question that nothing came of is a failure after a while.
func TestADriverThatNeverSays(t *testing.T) {
	s := New(Config{Committer: &books{}})
	s.Set([]fact.SitePaired{osaka()}, noon)
	if tasks, next := s.Due(noon); len(tasks) != 1 || next.After(noon.Add(AnswerWithin+time.Second)) {
		t.Fatalf("%+v, next at %s", tasks, next)
	}
	if tasks, _ := s.Due(noon.Add(AnswerWithin)); len(tasks) != 0 {
		t.Error("asked while it may still answer")
	}
	s.Due(noon.Add(AnswerWithin + time.Second))
	if l := s.List()[0]; l.Why != WhyUnanswered {
		t.Errorf("%+v", l)
	}
	s.Doubt("osaka", noon.Add(AnswerWithin+2*time.Second))
	if tasks, _ := s.Due(noon.Add(AnswerWithin + 2*time.Second)); len(tasks) != 1 {
		t.Error("in doubt, and not asked")
	}
}

func TestWhoIsTrusted(t *testing.T) {
	s := New(Config{Committer: &books{}})
	invite := &sip.Message{}
	if err := sip.Parse([]byte("INVITE sip:201@a SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"), invite); err != nil {
		t.Fatal(err)
	}
	register := &sip.Message{}
	if err := sip.Parse([]byte("REGISTER sip:a SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n"), register); err != nil {
		t.Fatal(err)
	}
	from := edge.Source{Peer: "aa", Listener: Listener}
	if v := s.Authenticate(invite, from, noon); v.Action != edge.Drop {
		t.Errorf("before any is paired: %+v", v)
	}
	s.Set([]fact.SitePaired{osaka()}, noon)
	v := s.Authenticate(invite, from, noon)
	if v.Action != edge.Admit || v.Identity.Site != "osaka" || v.Identity.Extension != "" || !s.Trusts("aa") {
		t.Errorf("paired: %+v", v)
	}
	if v := s.Authenticate(register, from, noon); v.Action != edge.Refuse || v.Status != 405 {
		t.Errorf("it registers: %+v", v)
	}
	for _, peer := range []string{"", "bb"} {
		if v := s.Authenticate(invite, edge.Source{Peer: peer, Listener: Listener}, noon); v.Action != edge.Drop {
			t.Errorf("%q: %+v", peer, v)
		}
	}
	other := osaka(func(f *fact.SitePaired) { f.Key = "bb" })
	if gone := s.Set([]fact.SitePaired{other}, noon); !slices.Equal(gone, []string{"aa"}) {
		t.Errorf("another key, and gone are %v", gone)
	}
	if s.Trusts("aa") || !s.Trusts("bb") || s.Trusts("") {
		t.Error("the old key is trusted, or the new one is not")
	}
	if gone := s.Set(nil, noon); !slices.Equal(gone, []string{"bb"}) || len(s.List()) != 0 {
		t.Errorf("gone are %v", gone)
	}
}

// names is a name server.
type names map[string]netip.AddrPort

func (n names) Resolve(_ context.Context, host string, port uint16, _ string) ([]edge.Target, error) {
	if a, ok := n[host]; ok {
		return []edge.Target{{Transport: Transport, Addr: netip.AddrPortFrom(a.Addr(), port)}}, nil
	}
	return nil, errors.New("no such name")
}

func TestSitesAreFoundByName(t *testing.T) {
	known := names{}
	s := New(Config{Committer: &books{}, Resolver: known})
	s.Set([]fact.SitePaired{osaka(func(f *fact.SitePaired) { f.Address = "osaka.example:5081" })}, noon)
	if next := s.Find(t.Context(), noon); !next.Equal(noon.Add(FindAgain)) {
		t.Errorf("looked for again at %s", next)
	}
	known["osaka.example"] = netip.MustParseAddrPort("192.0.2.9:1")
	s.Find(t.Context(), noon)
	if tasks, _ := s.Due(noon); len(tasks) != 1 || tasks[0].Place.Remote.String() != "192.0.2.9:5081" {
		t.Errorf("asked is %+v", tasks)
	}
	for address, ok := range map[string]bool{
		"osaka.example:5081": true, "[2001:db8::1]:5081": true, "192.0.2.1:1": true,
		"": false, "osaka": false, ":5081": false, "a:0": false, "a:70000": false, "a b:1": false, "a:x": false,
	} {
		if _, _, got := SplitAddress(address); got != ok {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// TestASiteThatFlaps is written down as it comes and goes at first, and once a minute from
// then on: the last state always, and how many changes were left out.
func TestASiteThatFlaps(t *testing.T) {
	b := &books{}
	s := New(Config{Committer: b})
	s.Set([]fact.SitePaired{osaka()}, noon)
	now, changes := noon, 0
	flap := func(status int) {
		t.Helper()
		tasks, _ := s.Due(now)
		if len(tasks) != 1 {
			t.Fatalf("asked is %+v", tasks)
		}
		s.Result(tasks[0], status, now)
		s.Doubt("osaka", now)
		changes++
		now = now.Add(DoubtEvery)
	}
	const minutes = 10
	for now.Sub(noon) < minutes*time.Minute {
		flap(200)
		flap(503)
	}
	for _, status := range []int{200, 503, 200} {
		flap(status)
	}
	if n := len(b.facts); n > RecordsAtOnce+minutes {
		t.Errorf("%d facts of %d changes in %d minutes", n, changes, minutes)
	}
	first := fact.SiteUp{Site: "osaka", At: noon}
	if b.facts[0] != first {
		t.Errorf("the first is %+v", b.facts[0])
	}
	up, ends := now.Add(-DoubtEvery), now.Add(2*RecordEvery)
	for ; now.Before(ends); now = now.Add(AskEvery) { // it stays as it is
		for tasks, _ := s.Due(now); len(tasks) > 0; tasks = nil {
			s.Result(tasks[0], 200, now)
		}
	}
	told := len(b.facts)
	for _, f := range b.facts {
		switch f := f.(type) {
		case fact.SiteUp:
			told += f.Omitted
		case fact.SiteDown:
			told += f.Omitted
		}
	}
	if told != changes {
		t.Errorf("%d changes are told of, of %d", told, changes)
	}
	last, is := b.facts[len(b.facts)-1].(fact.SiteUp)
	if !is || !last.At.Equal(up) || last.Omitted == 0 {
		t.Errorf("the last is %+v", b.facts[len(b.facts)-1])
	}
	n := len(b.facts)
	for range RecordsAtOnce {
		flap(503)
		flap(200)
	}
	s.Set(nil, now) // unpaired: what was left to say is said
	if last, is := b.facts[len(b.facts)-1].(fact.SiteUp); !is || !last.At.Equal(now.Add(-DoubtEvery)) ||
		len(b.facts) == n {
		t.Errorf("at the end: %+v", b.facts[len(b.facts)-1])
	}
}

// TestASiteIsSure while it answers: not from a while on after a question that it does not
// answer, though it is up for longer; and whether or not, a connection that ends is another way.
func TestASiteIsSure(t *testing.T) {
	s := New(Config{Committer: &books{}})
	if _, sure := s.Way("osaka", noon); sure {
		t.Error("a site that nobody has paired is sure")
	}
	s.Set([]fact.SitePaired{osaka()}, noon)
	first, sure := s.Way("osaka", noon)
	if sure {
		t.Error("a site that was not asked yet is sure")
	}
	is := func(now time.Time, want bool) {
		t.Helper()
		if way, sure := s.Way("osaka", now); sure != want || way != first {
			t.Errorf("sure %v, way %d, not %v, %d", sure, way, want, first)
		}
	}
	tasks, next := s.Due(noon)
	if !next.Equal(noon.Add(SureFor)) {
		t.Errorf("it is looked at in %s", next.Sub(noon))
	}
	s.Result(tasks[0], 200, noon)
	is(noon.Add(AskEvery), true)
	asked := noon.Add(AskEvery)
	tasks, _ = s.Due(asked)
	is(asked.Add(SureFor-1), true)
	is(asked.Add(SureFor), false)
	heard := asked.Add(SureFor)
	s.Heard("osaka", heard)
	is(heard.Add(SureFor-1), true)
	if _, next := s.Due(heard); !next.Equal(heard.Add(SureFor)) {
		t.Errorf("it is looked at in %s", next.Sub(heard))
	}
	is(heard.Add(SureFor), false)
	failed := asked.Add(AnswerWithin)
	s.Result(tasks[0], 408, failed)
	is(failed, false)
	if _, _, ok := s.Place("osaka"); !ok {
		t.Error("it is away after one question")
	}
	tasks, _ = s.Due(failed.Add(DoubtEvery))
	s.Result(tasks[0], 200, failed.Add(DoubtEvery))
	is(failed.Add(DoubtEvery), true)
	s.Parted("aa", failed.Add(DoubtEvery))
	if way, _ := s.Way("osaka", failed.Add(DoubtEvery)); way == first {
		t.Error("it is the same way")
	}
}
