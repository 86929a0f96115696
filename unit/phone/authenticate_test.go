package phone

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

func TestSignIn(t *testing.T) {
	o := newOffice(t)
	for _, method := range []string{"REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE", "FOO"} {
		v, _ := o.signed(desk, "201-1", o.secret, method, "sip:100@unit", "sip:201@unit", 1)
		want := edge.Identity{
			Extension: "201", Home: "201", Device: "201-1", Credential: "201-1", Authenticated: true,
			Record: o.device("201-1"),
		}
		if v.Action != edge.Admit || v.Identity != want {
			t.Errorf("%s: %+v", method, v)
		}
	}
	old := desk
	old.Listener = "old"
	if v, _ := o.signed(old, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", 1); v.Action != edge.Admit {
		t.Errorf("MD5 on a listener that offers it: %+v", v)
	}
}

// Unknown users, known users with a wrong secret, and requests without
// credentials all get the same challenge but for the nonce.
func TestStrangersLearnNothing(t *testing.T) {
	o := newOffice(t)
	shape := func(v edge.Verdict) string {
		c := challengeOf(t, v, digest.SHA256)
		return strings.ReplaceAll(fmt.Sprint(v), c.Nonce, "NONCE")
	}
	want := shape(o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), stranger, o.now))
	for _, method := range []string{"REGISTER", "INVITE", "OPTIONS"} {
		for _, user := range []string{"201-1", "999-9"} {
			none := o.Authenticate(message(t, method, "sip:unit", "sip:"+user+"@unit", 1), stranger, o.now)
			if got := shape(none); got != want {
				t.Errorf("%s without credentials: %s, want %s", method, got, want)
			}
			wrong, _ := o.signed(stranger, user, "wrong", method, "sip:unit", "sip:"+user+"@unit", 1)
			if got := shape(wrong); got != want {
				t.Errorf("%s of %s: %s, want %s", method, user, got, want)
			}
		}
	}
}

// TestAnswers: who answers a challenge, rightly or not, has heard it where it
// was sent; nobody has who shows it elsewhere, too late, or shows another.
func TestAnswers(t *testing.T) {
	o := newOffice(t)
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), desk, o.now)
	ch := challengeOf(t, v, digest.SHA256)
	made := ch
	made.Nonce = strings.Repeat("A", len(ch.Nonce))
	port, other, tls := source("192.0.2.10:6060"), source("192.0.2.11:5060"), desk
	tls.Listener = "tls"
	for _, c := range []struct {
		name   string
		ch     digest.Challenge
		secret string
		from   edge.Source
		after  time.Duration
		want   bool
	}{
		{"the phone", ch, o.secret, desk, 0, true},
		{"from another port, as behind NAT", ch, o.secret, port, 0, true},
		{"a wrong password", ch, "wrong", desk, 0, true},
		{"another address", ch, o.secret, other, 0, false},
		{"another listener", ch, o.secret, tls, 0, false},
		{"too late", ch, o.secret, desk, NonceLife + time.Second, false},
		{"a nonce that looks like ours", made, o.secret, desk, 0, false},
	} {
		auth := authorization(t, c.ch, "201-1", c.secret, "REGISTER", "sip:unit", 1)
		m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth)
		if got := o.Answers(m, c.from, o.now.Add(c.after)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if o.Answers(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), desk, o.now) {
		t.Error("a request without credentials answers")
	}
	cost := func(auth string) (answers bool, objects float64) {
		m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, "Authorization: "+auth)
		return o.Answers(m, desk, o.now), testing.AllocsPerRun(50, func() { o.Answers(m, desk, o.now) })
	}
	nonce := `nonce="` + ch.Nonce + `"`
	for auth, want := range map[string]bool{
		"Digest username=\"x\", " + nonce:                             true,
		"Digest c" + nonce:                                            false,
		"Digest nonce=\"A\", c" + nonce:                               false,
		"Digest " + strings.Repeat("a=b, ", answerBytesMax/5) + nonce: false,
	} {
		if got, n := cost(auth); got != want || n > 1 {
			t.Errorf("%.60s: %v and %v objects", auth, got, n)
		}
	}
	// At another address the same credentials cost one more challenge.
	auth := authorization(t, ch, "201-1", o.secret, "REGISTER", "sip:unit", 1)
	v = o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth), other, o.now)
	if v.Action != edge.Challenge || !challengeOf(t, v, digest.SHA256).Stale {
		t.Errorf("a nonce of another address: %+v", v)
	}
}

// TestWandering: a phone that has another address for each datagram is believed
// when it answers a second challenge, too; who shows what he has overheard, or is
// too late, or too early, is not.
func TestWandering(t *testing.T) {
	n := 0
	at := func() edge.Source {
		n++
		return source(fmt.Sprintf("100.64.%d.%d:5060", n/250, 1+n%250))
	}
	type say func(ch digest.Challenge, from edge.Source, nc uint32) (edge.Verdict, digest.Challenge)
	begin := func() (*office, say, digest.Challenge) {
		o := newOffice(t)
		v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), at(), o.now)
		return o, func(ch digest.Challenge, from edge.Source, nc uint32) (edge.Verdict, digest.Challenge) {
			t.Helper()
			auth := authorization(t, ch, "201-1", o.secret, "REGISTER", "sip:unit", nc)
			m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth)
			if o.Answers(m, from, o.now) {
				t.Error("what comes from elsewhere is taken for heard there")
			}
			v := o.Authenticate(m, from, o.now)
			if v.Action == edge.Admit {
				return v, ch
			}
			if ch = challengeOf(t, v, digest.SHA256); !ch.Stale {
				t.Error("a right answer from elsewhere is told to be wrong")
			}
			return v, ch
		}, challengeOf(t, v, digest.SHA256)
	}
	refused := func(why string, v edge.Verdict) {
		t.Helper()
		if v.Action != edge.Challenge {
			t.Errorf("%s: %+v", why, v)
		}
	}

	o, answer, first := begin()
	v, second := answer(first, at(), 1)
	refused("once from elsewhere", v)
	o.now = o.now.Add(WanderLife)
	if v, _ = answer(second, at(), 1); v.Action != edge.Admit {
		t.Errorf("twice from elsewhere: %+v", v)
	}
	v, _ = answer(second, at(), 1)
	refused("a copy", v)

	o, answer, first = begin()
	_, second = answer(first, at(), 1)
	o.now = o.now.Add(WanderLife + time.Millisecond)
	v, _ = answer(second, at(), 1)
	refused("too late", v)

	o, answer, first = begin()
	o.now = o.now.Add(time.Second)
	_, _ = answer(first, at(), 1)
	v, _ = answer(first, at(), 2)
	refused("the same challenge twice", v)

	// Somebody has overheard a phone that stays where it is.
	o, answer, first = begin()
	v, m := o.signed(desk, o.row.User, o.secret, "REGISTER", "sip:unit", "sip:201@unit", 3)
	if v.Action != edge.Admit {
		t.Fatalf("%+v", v)
	}
	refused("a copy from elsewhere", o.Authenticate(m, at(), o.now))
	v, _ = answer(first, at(), 1)
	refused("the first from elsewhere after a copy", v)
}

func TestReplayAndStale(t *testing.T) {
	o := newOffice(t)
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), desk, o.now)
	ch := challengeOf(t, v, digest.SHA256)
	try := func(name, method, uri string, nc uint32, from edge.Source, action edge.Action, stale bool) {
		t.Helper()
		auth := authorization(t, ch, "201-1", o.secret, "REGISTER", "sip:unit", nc)
		v := o.Authenticate(message(t, method, uri, "sip:201@unit", 2, auth), from, o.now)
		if v.Action != action || strings.Contains(fmt.Sprint(v.Headers), "stale=true") != stale {
			t.Errorf("%s: %+v", name, v)
		}
	}
	try("first", "REGISTER", "sip:unit", 1, desk, edge.Admit, false)
	try("replay", "REGISTER", "sip:unit", 1, desk, edge.Challenge, true)
	try("replay from elsewhere", "REGISTER", "sip:unit", 1, stranger, edge.Challenge, true)
	try("next count", "REGISTER", "sip:unit", 2, desk, edge.Admit, false)
	try("another method", "INVITE", "sip:unit", 3, desk, edge.Challenge, false)
	try("another target", "REGISTER", "sip:other", 3, desk, edge.Challenge, false)
	try("same target with a parameter", "REGISTER", "sip:unit;transport=udp", 3, desk, edge.Admit, false)
	other := desk
	other.Listener = "tls"
	try("another listener", "REGISTER", "sip:unit", 4, other, edge.Challenge, true)
	o.now = o.now.Add(NonceLife + time.Second)
	try("too old", "REGISTER", "sip:unit", 5, desk, edge.Challenge, true)
	auth := authorization(t, ch, "201-1", "wrong", "REGISTER", "sip:unit", 6)
	v = o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth), desk, o.now)
	if v.Action != edge.Challenge || strings.Contains(fmt.Sprint(v.Headers), "stale") {
		t.Errorf("a wrong answer to an old nonce: %+v", v)
	}
}

func TestMalformedCredentials(t *testing.T) {
	o := newOffice(t)
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), desk, o.now)
	good := authorization(t, challengeOf(t, v, digest.SHA256), "201-1", o.secret, "REGISTER", "sip:unit", 1)
	for _, auth := range []string{
		"Authorization: Basic dTpw", "Authorization: Digest", "Authorization: Digest username=",
		"Authorization: " + strings.Repeat("x", 9000),
		strings.Replace(good, `qop=auth`, `qop=auth-int`, 1),
		strings.Replace(good, `algorithm=SHA-256`, `algorithm=MD5-sess`, 1),
		strings.Replace(good, `algorithm=SHA-256`, `algorithm=MD5`, 1),
		strings.Replace(good, `realm="unit"`, `realm="other"`, 1),
		strings.Replace(good, `, qop=auth, nc=00000001, cnonce="cnonce"`, ``, 1),
	} {
		m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth)
		if v := o.Authenticate(m, desk, o.now); v.Action != edge.Challenge {
			t.Errorf("%.60s: %+v", auth, v)
		}
	}
	foreign := strings.Replace(good, `realm="unit"`, `realm="other"`, 1)
	m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, foreign, good)
	if v := o.Authenticate(m, desk, o.now); v.Action != edge.Admit {
		t.Errorf("ours behind credentials for another realm: %+v", v)
	}
}

// An attacker's guesses lose their replies; the true phone, from the very same
// address, signs in at once; others don't notice.
func TestBruteForce(t *testing.T) {
	o := newOffice(t)
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), stranger, o.now)
	ch := challengeOf(t, v, digest.SHA256)
	const guesses = 1000
	answered := 0
	for i := range guesses {
		auth := authorization(t, ch, "201-1", fmt.Sprint("guess", i), "REGISTER", "sip:unit", uint32(i+1))
		m := message(t, "REGISTER", "sip:unit", "sip:201@unit", i+2, auth)
		if o.Authenticate(m, stranger, o.now).Action != edge.Drop {
			answered++
		}
		o.now = o.now.Add(20 * time.Millisecond)
	}
	most := FailuresFree + int(guesses*20*time.Millisecond/FailurePause) + 1
	if answered < FailuresFree || answered > most {
		t.Errorf("%d of %d guesses were answered, want %d to %d", answered, guesses, FailuresFree, most)
	}
	v, _ = o.signed(stranger, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", 5000)
	if v.Action != edge.Admit {
		t.Errorf("the right secret from the attacker's address: %+v", v)
	}
	v, _ = o.signed(desk, "201-1", "typo", "REGISTER", "sip:unit", "sip:201@unit", 6000)
	if v.Action != edge.Challenge {
		t.Errorf("a typo from elsewhere: %+v", v)
	}
	if n := o.Failures(); n != guesses+1 {
		t.Errorf("%d failures were counted, want %d", n, guesses+1)
	}
	o.now = o.now.Add(ReportEvery + time.Second)
	o.ledger.take()
	o.Tick(o.now)
	var counts []string
	for _, f := range o.ledger.facts {
		if f, ok := f.(fact.AuthenticationFailed); ok {
			counts = append(counts, fmt.Sprint(f.Source, " ", f.Count, " ", f.User))
		}
	}
	if got := strings.Join(counts, ", "); got != "192.0.2.10 1 201-1, 203.0.113.66 1000 201-1" {
		t.Errorf("facts: %s", got)
	}
}

// Failures from any number of addresses make a bounded number of facts.
func TestReportsAreBounded(t *testing.T) {
	o := newOffice(t)
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), stranger, o.now)
	auth := authorization(t, challengeOf(t, v, digest.SHA256), "201-1", "wrong", "REGISTER", "sip:unit", 1)
	m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 2, auth)
	for i := range 5000 {
		o.Authenticate(m, source(fmt.Sprintf("10.%d.%d.1:5060", i/250, i%250)), o.now)
	}
	o.now = o.now.Add(time.Minute)
	o.Tick(o.now)
	total := 0
	for _, f := range o.ledger.facts {
		total += f.(fact.AuthenticationFailed).Count
	}
	if len(o.ledger.facts) != ReportsMax+1 || total != 5000 {
		t.Errorf("%d facts tell of %d failures", len(o.ledger.facts), total)
	}
}

func TestPhoneMoved(t *testing.T) {
	o := newOffice(t)
	sign := func(from edge.Source, agent string) string {
		o.signed(from, "201-1", o.secret, "INVITE", "sip:100@unit", "sip:201@unit", 1, "User-Agent: "+agent)
		return o.ledger.take()
	}
	moved := source("192.0.2.11:1024")
	steps := []struct {
		from  edge.Source
		agent string
		want  string
	}{
		{desk, "Desk 1.0", ""},
		{source("192.0.2.10:6060"), "Desk 1.0", ""}, // another port is no news
		{moved, "Desk 1.0", "phone.moved"},
		{desk, "Desk 1.0", ""},
		{desk, "Desk 1.1", "phone.moved"},
		{moved, "Desk 1.0", ""},
	}
	for i, s := range steps {
		if got := sign(s.from, s.agent); got != s.want {
			t.Errorf("step %d: %q, want %q", i, got, s.want)
		}
	}
}

// Every shard's loop calls at once.
func TestConcurrentUse(t *testing.T) {
	o := newOffice(t)
	rows := []fact.Phone{o.row}
	secrets := []string{o.secret}
	for range 3 {
		row, secret, err := o.Add(context.Background(), "201", "", "owner", o.now)
		if err != nil {
			t.Fatal(err)
		}
		rows, secrets = append(rows, row), append(secrets, secret)
	}
	var wg sync.WaitGroup
	for i, row := range rows {
		mine := *o
		mine.row, mine.secret = row, secrets[i]
		wg.Go(func() {
			for n := range 30 {
				from := source(fmt.Sprintf("192.0.2.%d:5060", 10+i))
				mine.register(from, 1+2*n, fmt.Sprintf("Contact: <sip:201@192.0.2.%d>", 10+i))
				mine.Lookup("201", mine.now)
				mine.Phones(mine.now)
				mine.Tick(mine.now)
			}
		})
	}
	wg.Wait()
	if got := len(o.Lookup("201", o.now)); got != len(rows) {
		t.Errorf("%d contacts", got)
	}
}

// TestSignInWithTheSecret: who gives a phone's secret itself is let in as that phone;
// wrong ones brake and are recorded as those of SIP are.
func TestSignInWithTheSecret(t *testing.T) {
	o := newOffice(t)
	from := stranger.Remote.Addr()
	if ext, ok, heard := o.SignIn("201-1", o.secret, from, "books", o.now); ext != "201" || !ok || !heard {
		t.Errorf("the right secret: %q %v %v", ext, ok, heard)
	}
	for i, as := range [][2]string{
		{"201-1", "wrong"}, {"201-1", ""}, {"999-9", o.secret}, {"", ""}, {"201", o.secret},
	} {
		if ext, ok, heard := o.SignIn(as[0], as[1], from, "books", o.now); ext != "" || ok || !heard {
			t.Errorf("wrong secret %d: %q %v %v", i, ext, ok, heard)
		}
	}
	for range FailuresFree {
		o.SignIn("201-1", "wrong", from, "books", o.now)
	}
	if _, _, heard := o.SignIn("201-1", "wrong", from, "books", o.now); heard {
		t.Error("who guesses on and on still hears an answer")
	}
	if v, _ := o.signed(stranger, "201-1", "wrong", "REGISTER", "sip:unit", "sip:201@unit", 1); v.Action != edge.Drop {
		t.Errorf("and by SIP: %+v", v)
	}
	if _, ok, _ := o.SignIn("201-1", o.secret, from, "books", o.now); !ok {
		t.Error("a true phone behind the same address is kept out")
	}
	o.now = o.now.Add(ReportEvery)
	o.Tick(o.now)
	var f fact.AuthenticationFailed
	o.ledger.mu.Lock()
	for _, one := range o.ledger.facts {
		if one, ok := one.(fact.AuthenticationFailed); ok {
			f = one
		}
	}
	o.ledger.mu.Unlock()
	if f.Source != from.String() || f.Count < FailuresFree || f.Listener == "" {
		t.Errorf("recorded %+v", f)
	}
	if err := o.Disable(context.Background(), "201-1", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	if _, ok, heard := o.SignIn("201-1", o.secret, from, "books", o.now); ok || !heard {
		t.Errorf("a disabled phone: %v %v", ok, heard)
	}
}
