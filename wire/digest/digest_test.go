package digest

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The examples of RFC 7616 §3.9.1: one request, answered with both algorithms.
const (
	mufasaRealm  = "http-auth@example.org"
	mufasaNonce  = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
	mufasaCNonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	mufasaMD5    = "8ca523f5e9506fed4657c9700eebdbec"
	mufasaSHA256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
)

func TestAnswerOfRFC7616(t *testing.T) {
	for a, want := range map[Algorithm]string{MD5: mufasaMD5, SHA256: mufasaSHA256} {
		ch := Challenge{Realm: mufasaRealm, Nonce: mufasaNonce, Opaque: "FQhe", Algorithm: a, QopAuth: true}
		c, err := Answer(ch, Login{"Mufasa", "Circle of Life"}, "GET", "/dir/index.html", mufasaCNonce, 1)
		if err != nil || c.Response != want {
			t.Errorf("%s: response %q, %v, want %q", a, c.Response, err, want)
		}
	}
}

// The example of RFC 2617 §3.5 without qop would be RFC 2069's.
func TestAnswerWithoutQop(t *testing.T) {
	ch, err := ParseChallenge(`Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Answer(ch, Login{"Mufasa", "Circle Of Life"}, "GET", "/dir/index.html", "x", 1)
	if err != nil || c.Response != "670fd8c2df070c60b045671b8b24ff02" || c.Qop != "" || c.NC != 0 {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestParseChallenge(t *testing.T) {
	cases := []struct {
		in   string
		want Challenge
		ok   bool
	}{
		{`Digest realm="a", nonce="n"`, Challenge{Realm: "a", Nonce: "n", Algorithm: MD5}, true},
		{
			`DIGEST Nonce = "n" ,, REALM="a \"b\" \\c", algorithm=sha-256, qop="auth,auth-int", stale=TRUE, opaque=o`,
			Challenge{
				Realm: `a "b" \c`, Nonce: "n", Algorithm: SHA256, QopAuth: true, QopOther: true,
				Stale: true, Opaque: "o",
			},
			true,
		},
		{`Digest realm="a",nonce="n",algorithm=AKAv1-MD5`, Challenge{Realm: "a", Nonce: "n"}, true},
		{`Digest realm="a",nonce="n",algorithm=MD5-sess`, Challenge{Realm: "a", Nonce: "n"}, true},
		{
			`Digest realm="a",nonce="n",qop="auth-int",x=y`,
			Challenge{Realm: "a", Nonce: "n", Algorithm: MD5, QopOther: true},
			true,
		},
		{`Digest realm="a",nonce="n",realm="b"`, Challenge{}, false},
		{`Digest realm="a"`, Challenge{}, false},
		{`Basic realm="a"`, Challenge{}, false},
		{`Digest realm="a,nonce="n"`, Challenge{}, false},
		{`Digest realm="a" nonce="n"`, Challenge{}, false},
		{"Digest realm=\"a\r\nX: y\", nonce=\"n\"", Challenge{}, false},
		{`Digest realm="a\`, Challenge{}, false},
		{`Digest`, Challenge{}, false},
		{``, Challenge{}, false},
		{`Digest realm="a",nonce="` + strings.Repeat("n", FieldMax) + `"`, Challenge{}, false},
		{`Digest realm="a",nonce="n"` + strings.Repeat(",x=y", ParamsMax), Challenge{}, false},
	}
	for _, c := range cases {
		got, err := ParseChallenge(c.in)
		if (err == nil) != c.ok || got != c.want {
			t.Errorf("%.60s: %+v, %v", c.in, got, err)
		}
	}
}

func TestChooseTakesTheServersOrder(t *testing.T) {
	list := []Challenge{
		{Realm: "aka"},
		{Realm: "int", Algorithm: MD5, QopOther: true},
		{Realm: "sha", Algorithm: SHA256, QopAuth: true},
		{Realm: "md5", Algorithm: MD5, QopAuth: true},
	}
	if c, ok := Choose(list); !ok || c.Realm != "sha" {
		t.Errorf("chose %+v, %v", c, ok)
	}
	if c, ok := Choose(list[:2]); ok {
		t.Errorf("chose %+v", c)
	}
	if _, err := Answer(list[0], Login{"u", "p"}, "REGISTER", "sip:x", "c", 1); err == nil {
		t.Error("a challenge with an unknown algorithm was answered")
	}
}

func TestWrittenValuesReadBack(t *testing.T) {
	ch := Challenge{Realm: `q"u\o`, Nonce: "n", Opaque: "o", Algorithm: SHA256, Stale: true, QopAuth: true}
	if got, err := ParseChallenge(ch.String()); err != nil || got != ch {
		t.Errorf("challenge %s: %+v, %v", ch, got, err)
	}
	c := Credentials{
		Username: `a"b\`, Realm: "r", Nonce: "n", URI: "sip:x", Response: "00ff", Opaque: "o", CNonce: "c",
		Algorithm: SHA256, Qop: "auth", NC: 0xabcdef01,
	}
	if got, err := ParseCredentials(c.String()); err != nil || got != c {
		t.Errorf("credentials %s: %+v, %v", c, got, err)
	}
	evil := Credentials{Username: "u\r\nX: y", Realm: "r", Nonce: "n", URI: "sip:x", Response: "0", Algorithm: MD5}
	if strings.ContainsAny(evil.String(), "\r\n") {
		t.Error("a line break was written")
	}
}

func TestParseCredentialsRefuses(t *testing.T) {
	const good = `Digest username="u", realm="r", nonce="n", uri="sip:x", response="ab", ` +
		`qop=auth, nc=00000001, cnonce="c"`
	if _, err := ParseCredentials(good); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []string{
		`username="u", `, `realm="r", `, `nonce="n", `, `uri="sip:x", `, `response="ab", `,
		`, cnonce="c"`, `nc=00000001, `,
	} {
		if _, err := ParseCredentials(strings.Replace(good, cut, "", 1)); err == nil {
			t.Errorf("accepted without %s", cut)
		}
	}
	for _, nc := range []string{"1", "0000000g", "000000001", "+0000001", `""`} {
		if _, err := ParseCredentials(strings.Replace(good, "00000001", nc, 1)); err == nil {
			t.Errorf("accepted nc=%s", nc)
		}
	}
	c, err := ParseCredentials(strings.Replace(good, "qop=auth", `qop="AUTH", algorithm="md5"`, 1))
	if err != nil || c.Qop != "auth" || c.Algorithm != MD5 {
		t.Errorf("quoted qop: %+v, %v", c, err)
	}
}

func TestVerify(t *testing.T) {
	const realm, uri = "unit", "sip:unit"
	ha1 := HA1(SHA256, "201-1", realm, "secret")
	ch := Challenge{Realm: realm, Nonce: "n", Algorithm: SHA256, QopAuth: true}
	good, err := Answer(ch, Login{"201-1", "secret"}, "REGISTER", uri, "c", 1)
	if err != nil {
		t.Fatal(err)
	}
	demand := Demand{
		Method: "REGISTER", Realm: realm, Algorithms: []Algorithm{SHA256},
		SameURI: func(u string) bool { return u == uri },
	}
	if !Verify(&good, demand, ha1) {
		t.Fatal("the right answer was not accepted")
	}
	bad := map[string]func(c *Credentials, d *Demand){
		"method":    func(_ *Credentials, d *Demand) { d.Method = "INVITE" },
		"realm":     func(_ *Credentials, d *Demand) { d.Realm = "other" },
		"uri":       func(_ *Credentials, d *Demand) { d.SameURI = func(string) bool { return false } },
		"algorithm": func(_ *Credentials, d *Demand) { d.Algorithms = []Algorithm{MD5} },
		"response":  func(c *Credentials, _ *Demand) { c.Response = strings.Repeat("0", 64) },
		"empty":     func(c *Credentials, _ *Demand) { c.Response = "" },
		"count":     func(c *Credentials, _ *Demand) { c.NC++ },
		"cnonce":    func(c *Credentials, _ *Demand) { c.CNonce = "d" },
		"nonce":     func(c *Credentials, _ *Demand) { c.Nonce = "m" },
		"none":      func(c *Credentials, _ *Demand) { c.Algorithm, c.Response = None, "" },
		"qop":       func(c *Credentials, _ *Demand) { c.Qop = "auth-int" },
	}
	for name, spoil := range bad {
		c, d := good, demand
		spoil(&c, &d)
		if Verify(&c, d, ha1) {
			t.Errorf("%s: accepted", name)
		}
	}
	if Verify(&good, demand, Hash{}) || Verify(&good, demand, HA1(SHA256, "201-1", realm, "other")) {
		t.Error("accepted with another hash")
	}
	ch.QopAuth = false
	old, err := Answer(ch, Login{"201-1", "secret"}, "REGISTER", uri, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if Verify(&old, demand, ha1) {
		t.Error("an answer without qop was accepted")
	}
	demand.WithoutQop = true
	if !Verify(&old, demand, ha1) {
		t.Error("an answer without qop was not accepted where the policy says so")
	}
}

func TestMinter(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	m := NewMinter(key, time.Minute, "unit", "phones")
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	place := netip.MustParseAddr("192.0.2.7")
	nonce := m.Mint(now, 7, place)
	check := func(name, nonce string, m *Minter, at time.Time, want Freshness) {
		t.Helper()
		if _, got := m.Check(nonce, at, place); got != want {
			t.Errorf("%s: freshness %d, want %d", name, got, want)
		}
	}
	check("own", nonce, m, now.Add(59*time.Second), Fresh)
	check("late", nonce, m, now.Add(61*time.Second), Old)
	check("early", nonce, m, now.Add(-ClockSkew-time.Second), Old)
	check("realm", nonce, NewMinter(key, time.Minute, "unit2", "phones"), now, Foreign)
	check("shifted", nonce, NewMinter(key, time.Minute, "unitp", "hones"), now, Foreign)
	check("listener", nonce, NewMinter(key, time.Minute, "unit", "tls"), now, Foreign)
	other := []byte(strings.Repeat("j", 32))
	check("key", nonce, NewMinter(other, time.Minute, "unit", "phones"), now, Foreign)
	check("short", nonce[1:], m, now, Foreign)
	check("junk", strings.Repeat("!", len(nonce)), m, now, Foreign)
	for i := range nonce {
		b := []byte(nonce)
		if b[i] = 'A'; nonce[i] == 'A' {
			b[i] = 'B'
		}
		want := Foreign
		if i > (nonceBody+nonceMAC)*4/3 { // only what ties it to the place is changed
			want = Elsewhere
		}
		if _, got := m.Check(string(b), now, place); got != want && i != len(nonce)-1 || got == Fresh {
			t.Errorf("byte %d changed: freshness %d, want %d", i, got, want)
		}
	}
	if id, _ := m.Check(nonce, now, place); id != (NonceID{uint64(now.UnixMilli()), 7}) {
		t.Errorf("nonce is %+v", id)
	}
	if m.Mint(now, 8, place) == nonce {
		t.Error("two nonces are the same")
	}
}

// A nonce is of the place that was challenged, and of no other.
func TestNonceOfAPlace(t *testing.T) {
	m := NewMinter([]byte(strings.Repeat("k", 32)), time.Minute, "unit", "phones")
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at, shown string
		want      Freshness
	}{
		{"192.0.2.7", "192.0.2.7", Fresh},
		{"192.0.2.7", "::ffff:192.0.2.7", Fresh},
		{"192.0.2.7", "192.0.2.8", Elsewhere},
		{"2001:db8:0:1::5", "2001:db8:0:1:ffff::9", Fresh},
		{"2001:db8:0:1::5", "2001:db8:0:2::5", Elsewhere},
		{"32.1.13.184", "2001:db8::1", Elsewhere}, // the same bytes, as far as they go
	} {
		nonce := m.Mint(now, 7, netip.MustParseAddr(c.at))
		if _, got := m.Check(nonce, now, netip.MustParseAddr(c.shown)); got != c.want {
			t.Errorf("made for %s, shown at %s: freshness %d, want %d", c.at, c.shown, got, c.want)
		}
		if _, got := m.Check(nonce, now, netip.Addr{}); got != Elsewhere {
			t.Errorf("made for %s, shown at no address: freshness %d", c.at, got)
		}
	}
	if _, got := m.Check(m.Mint(now, 7, netip.Addr{}), now, netip.Addr{}); got != Fresh {
		t.Error("a nonce of no address is not good there")
	}
}

// A hash that is kept as its bytes is the same hash again, and one of another
// length or algorithm is none.
func TestHashOf(t *testing.T) {
	for _, a := range []Algorithm{MD5, SHA256} {
		h := HA1(a, "201-1", "unit", "secret")
		if HashOf(a, h.Bytes()) != h || len(h.String()) != 2*len(h.Bytes()) {
			t.Errorf("%s: %s became %s", a, h, HashOf(a, h.Bytes()))
		}
		if HashOf(a, h.Bytes()[1:]) != (Hash{}) || HashOf(None, h.Bytes()) != (Hash{}) {
			t.Errorf("%s: a hash was made of what is none", a)
		}
	}
	if (Hash{}).String() != "" {
		t.Error("no hash reads as one")
	}
}

// BenchmarkVerify is what a server does with one answer.
func BenchmarkVerify(b *testing.B) {
	for _, a := range []Algorithm{MD5, SHA256} {
		b.Run(a.String(), func(b *testing.B) {
			m := NewMinter([]byte(strings.Repeat("k", 32)), time.Minute, "unit", "phones")
			now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			place := netip.MustParseAddr("192.0.2.7")
			nonce := m.Mint(now, 7, place)
			ch := Challenge{Realm: "unit", Nonce: nonce, Algorithm: a, QopAuth: true}
			answer, err := Answer(ch, Login{"201-1", "secret"}, "REGISTER", "sip:unit", "0a4f113b", 1)
			if err != nil {
				b.Fatal(err)
			}
			value, ha1 := answer.String(), HA1(a, "201-1", "unit", "secret")
			demand := Demand{Method: "REGISTER", Realm: "unit", Algorithms: []Algorithm{a}}
			b.ReportAllocs()
			for b.Loop() {
				c, err := ParseCredentials(value)
				if err != nil || !Verify(&c, demand, ha1) {
					b.Fatal(err)
				}
				if _, f := m.Check(c.Nonce, now, place); f != Fresh {
					b.Fatal(f)
				}
			}
		})
	}
}
