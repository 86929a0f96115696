package phonebook

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/sekisho/sekisho/number/book"
)

// office is a library with a door: 201 has a book of its own, and 201-1 may read.
type office struct {
	drop bool
	slow func(kind Kind) // waits
}

const secret = "58q5-hp11"

func (o *office) Entries(kind Kind, extension string) []book.Entry {
	if o.slow != nil {
		o.slow(kind)
	}
	common := []book.Entry{
		{Name: "阿部 花子", Kana: "あべ はなこ", Number: "0312345678"},
		{Name: "<Tom & Co>", Number: "09012345678"},
	}
	own := []book.Entry{{Name: "Own of " + extension, Number: "0451112222"}}
	inside := []book.Entry{{Name: "受付", Number: "201"}}
	switch kind {
	case Common:
		return common
	case Own:
		return own
	case Office:
		return inside
	case Missed, Received, Dialed:
		return []book.Entry{{Name: string(kind) + " of " + extension, Number: "0455551234"}}
	}
	return slices.Concat(inside, common, own)
}

func (o *office) SignIn(user, given string, from netip.Addr) (string, Answer) {
	switch {
	case o.drop:
		return "", Dropped
	case user == "201-1" && given == secret && from.IsLoopback():
		return "201", Welcome
	}
	return "", Refused
}

func newServer(o *office) *Server {
	return New(Config{
		Library: o, Door: o, Name: "Sato & Sons", Base: "dc=sekisho", Log: slog.New(slog.DiscardHandler),
	})
}

// get reads a page as a phone does.
func get(t *testing.T, web *httptest.Server, path, user, given string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		r.SetBasicAuth(user, given)
	}
	res, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// TestPages: each make gets its format, with what XML would take for its own escaped.
func TestPages(t *testing.T) {
	web := httptest.NewServer(newServer(&office{}).Handler())
	t.Cleanup(web.Close)
	for path, want := range map[string][]string{
		"/phonebook/yealink/all": {
			"<YealinkIPPhoneDirectory>", "<Title>Sato &amp; Sons</Title>",
			"<DirectoryEntry><Name>&lt;Tom &amp; Co&gt;</Name><Telephone>09012345678</Telephone></DirectoryEntry>",
			"Own of 201",
		},
		"/phonebook/fanvil/office": {
			"<FanvilIPPhoneDirectory>", "<Name>受付</Name><Telephone>201</Telephone>",
		},
		"/phonebook/cisco/office":                     {"<CiscoIPPhoneDirectory>"},
		"/phonebook/grandstream/common/phonebook.xml": {"<AddressBook>", "<phonenumber>0312345678</phonenumber>"},
		"/phonebook/snom/own":                         {`<tbook e="2"`, `<number no="0451112222" type="business"/>`},
		"/phonebook/yealink/missed":                   {"<Name>missed of 201</Name><Telephone>0455551234</Telephone>"},
		"/phonebook/snom/received":                    {"received of 201"},
		"/phonebook/poly/dialed":                      {"dialed of 201"},
		"/phonebook/poly/common/000-directory.xml":    {"<item><ln>阿部 花子</ln><ct>0312345678</ct></item>"},
		"/phonebook/yealink/all?q=%EF%BD%B1%EF%BE%8D": {"阿部 花子"}, // ｱﾍ
	} {
		res, body := get(t, web, path, "201-1", secret)
		if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: no %q in\n%s", path, w, body)
			}
		}
		if strings.Contains(path, "q=") && strings.Contains(body, "Tom") {
			t.Errorf("%s finds too much:\n%s", path, body)
		}
	}
	for _, path := range []string{"/phonebook/yealink/none", "/phonebook/acme/all", "/", "/phonebook/yealink"} {
		if res, _ := get(t, web, path, "201-1", secret); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	long := "/phonebook/yealink/all?q=" + strings.Repeat("a", SearchMax+1)
	if res, _ := get(t, web, long, "201-1", secret); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a long search: %s", res.Status)
	}
}

// TestNobodyReadsUnasked: without the right secret there is no book, by any path, and
// whoever has guessed too often gets no answer.
func TestNobodyReadsUnasked(t *testing.T) {
	o := &office{}
	web := httptest.NewServer(newServer(o).Handler())
	t.Cleanup(web.Close)
	for _, as := range [][2]string{{"", ""}, {"201-1", ""}, {"201-1", "x"}, {"201", secret}} {
		for _, path := range []string{"/phonebook/yealink/all", "/phonebook/acme/all", "/phonebook/poly/own/x"} {
			res, body := get(t, web, path, as[0], as[1])
			if res.StatusCode != http.StatusUnauthorized || strings.Contains(body, "阿部") ||
				!strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s as %q: %s %q", path, as[0], res.Status, body)
			}
		}
	}
	o.drop = true
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/phonebook/yealink/all", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := web.Client().Do(r); err == nil {
		_ = res.Body.Close()
		t.Errorf("who guesses hears %s", res.Status)
	}
}

// ldap is a reader over LDAP.
type ldap struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Reader
	id int64
}

func dial(t *testing.T, o *office) (*ldap, *Server) {
	t.Helper()
	s := newServer(o)
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.ServeLDAP(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return reach(t, ln.Addr().String()), s
}

func reach(t *testing.T, addr string) *ldap {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return &ldap{t: t, c: c, in: bufio.NewReader(c)}
}

func number(tag ber.Tag, n int) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, n, "")
}

func operation(op ber.Tag, parts ...*ber.Packet) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op, nil, "")
	for _, c := range parts {
		p.AppendChild(c)
	}
	return p
}

func tagged(tag ber.Tag, text string) *ber.Packet {
	return ber.NewString(ber.ClassContext, ber.TypePrimitive, tag, text, "")
}

func group(tag ber.Tag, parts ...*ber.Packet) *ber.Packet {
	p := ber.Encode(ber.ClassContext, ber.TypeConstructed, tag, nil, "")
	for _, c := range parts {
		p.AppendChild(c)
	}
	return p
}

// ask sends an operation and gives the answers to it, the last of them its result;
// nil where the connection ends.
func (l *ldap) ask(op *ber.Packet) (answers []*ber.Packet) {
	l.t.Helper()
	l.id++
	p := ber.NewSequence("")
	p.AppendChild(number(ber.TagInteger, int(l.id)))
	p.AppendChild(op)
	if _, err := l.c.Write(p.Bytes()); err != nil {
		return nil
	}
	for {
		p, err := ber.ReadPacket(l.in)
		if err != nil {
			return nil
		}
		if p.Children[0].Value.(int64) != l.id {
			l.t.Fatalf("answer to message %v", p.Children[0].Value)
		}
		if answers = append(answers, p.Children[1]); p.Children[1].Tag != opEntry {
			return answers
		}
	}
}

func (l *ldap) bind(user, given string) int64 {
	l.t.Helper()
	a := l.ask(operation(opBind, number(ber.TagInteger, 3), octets(user), tagged(0, given)))
	if len(a) != 1 || a[0].Tag != opBindAnswer {
		return -1
	}
	return a[0].Children[0].Value.(int64)
}

// search gives the numbers that are found, and the result.
func (l *ldap) search(base string, most int, filter *ber.Packet) (numbers []string, result int64) {
	l.t.Helper()
	wanted := ber.NewSequence("")
	wanted.AppendChild(octets("CN"))
	wanted.AppendChild(octets("telephoneNumber"))
	no := ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, "")
	answers := l.ask(operation(opSearch, octets(base), number(ber.TagEnumerated, 2), number(ber.TagEnumerated, 0),
		number(ber.TagInteger, most), number(ber.TagInteger, 0), no, filter, wanted))
	if len(answers) == 0 {
		return nil, -1
	}
	for _, a := range answers[:len(answers)-1] {
		list := a.Children[1].Children
		if len(list) != 2 || list[0].Children[0].Value != "cn" {
			l.t.Fatalf("attributes: %d", len(list))
		}
		numbers = append(numbers, list[1].Children[1].Children[0].Value.(string))
	}
	return numbers, answers[len(answers)-1].Children[0].Value.(int64)
}

func part(name, text string) *ber.Packet {
	of := ber.NewSequence("")
	of.AppendChild(tagged(1, text))
	return group(filterParts, octets(name), of)
}

// TestSearch: what a phone looks for is found by name, by reading and by number.
func TestSearch(t *testing.T) {
	l, _ := dial(t, &office{})
	if r := l.bind("uid=201-1,dc=sekisho", secret); r != resultSuccess {
		t.Fatalf("signed in: %d", r)
	}
	initial := ber.NewSequence("")
	initial.AppendChild(tagged(0, "090"))
	initial.AppendChild(tagged(2, "678"))
	for name, c := range map[string]struct {
		base   string
		most   int
		filter *ber.Packet
		want   string
		result int64
	}{
		"all": {
			"dc=sekisho", 0, tagged(filterPresent, "objectClass"), "201 0312345678 09012345678 0451112222", 0,
		},
		"common":           {"ou=Common,dc=sekisho", 0, tagged(filterPresent, "cn"), "0312345678 09012345678", 0},
		"too many":         {"", 1, tagged(filterPresent, "cn"), "201", resultSizeLimit},
		"name":             {"", 0, part("cn", "花子"), "0312345678", 0},
		"reading":          {"", 0, part("sn", "アベ"), "0312345678", 0},
		"small letters":    {"", 0, part("cn", "tom"), "09012345678", 0},
		"number's ends":    {"", 0, group(filterParts, octets("telephoneNumber"), initial), "09012345678", 0},
		"equal":            {"", 0, group(filterEqual, octets("telephonenumber"), octets("201")), "201", 0},
		"either":           {"", 0, group(filterOr, part("cn", "受付"), part("mail", "x")), "201", 0},
		"both":             {"", 0, group(filterAnd, part("cn", "o"), part("telephoneNumber", "045")), "0451112222", 0},
		"not":              {"ou=common", 0, group(filterNot, part("cn", "花子")), "09012345678", 0},
		"unknown":          {"", 0, part("jpegPhoto", "a"), "", 0},
		"extensible":       {"", 0, group(9, tagged(1, "x")), "", resultProtocol},
		"not of nothing":   {"", 0, group(filterNot), "", resultProtocol},
		"parts of nothing": {"", 0, group(filterParts, octets("cn"), ber.NewSequence("")), "", resultProtocol},
	} {
		got, result := l.search(c.base, c.most, c.filter)
		if strings.Join(got, " ") != c.want || result != c.result {
			t.Errorf("%s: found %q, result %d", name, got, result)
		}
	}
	deep := part("cn", "a")
	for range DepthMax + 1 {
		deep = group(filterNot, deep)
	}
	if _, result := l.search("", 0, deep); result != resultProtocol {
		t.Errorf("a deep filter: %d", result)
	}
	if a := l.ask(operation(8)); a[0].Tag != 9 || a[0].Children[0].Value.(int64) != resultNoRight {
		t.Errorf("adding an entry: %+v", a[0])
	}
	if a := l.ask(operation(opExtended)); a[0].Tag != opExtendAnswer {
		t.Errorf("an extended operation: %+v", a[0])
	}
}

// TestNobodyReadsUnaskedOverLDAP: without the right secret there is no entry.
func TestNobodyReadsUnaskedOverLDAP(t *testing.T) {
	o := &office{}
	l, s := dial(t, o)
	every := tagged(filterPresent, "cn")
	for _, as := range [][2]string{{"", ""}, {"201-1", ""}, {"201-1", "wrong"}, {"", secret}} {
		if r := l.bind(as[0], as[1]); r != resultWrong {
			t.Errorf("as %q: %d", as[0], r)
		}
		if got, r := l.search("", 0, every); len(got) > 0 || r != resultNoRight {
			t.Errorf("as %q: %q, %d", as[0], got, r)
		}
	}
	if r := l.bind("201-1", secret); r != resultSuccess {
		t.Fatalf("signed in: %d", r)
	}
	if r := l.bind("201-1", "wrong"); r != resultWrong { // it is nobody's any more (RFC 4511 §4.2.1)
		t.Errorf("signed in anew: %d", r)
	}
	if got, _ := l.search("", 0, every); len(got) > 0 {
		t.Errorf("after a wrong sign-in: %q", got)
	}
	o.drop = true
	if r := l.bind("201-1", secret); r != -1 {
		t.Errorf("who guesses hears %d", r)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		left := s.total + len(s.from)
		s.mu.Unlock()
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the connection is still counted")
		}
	}
}

// TestPagesAreBounded: so it has over HTTP; who leaves makes room.
func TestPagesAreBounded(t *testing.T) {
	s := newServer(&office{})
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.ServeHTTPS(ctx, ln) }()
	ask := func(l *ldap) bool {
		_, _ = io.WriteString(l.c, "GET /phonebook/yealink/all HTTP/1.1\r\nHost: x\r\n\r\n")
		line, err := l.in.ReadString('\n')
		return err == nil && strings.Contains(line, " 401 ")
	}
	open := make([]*ldap, PerSource)
	for i := range open {
		if open[i] = reach(t, ln.Addr().String()); !ask(open[i]) {
			t.Fatalf("connection %d is not answered", i)
		}
	}
	if ask(reach(t, ln.Addr().String())) {
		t.Error("one more is answered")
	}
	_ = open[0].c.Close()
	for end := time.Now().Add(10 * time.Second); !ask(reach(t, ln.Addr().String())); {
		if time.Now().After(end) {
			t.Fatal("who leaves makes no room")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestConnectionsAreBounded: one address has PerSource connections at once.
func TestConnectionsAreBounded(t *testing.T) {
	first, _ := dial(t, &office{})
	addr := first.c.RemoteAddr().String()
	for i := range PerSource {
		l := first
		if i > 0 {
			l = reach(t, addr)
		}
		if r := l.bind("201-1", secret); r != resultSuccess {
			t.Fatalf("connection %d: %d", i, r)
		}
	}
	if r := reach(t, addr).bind("201-1", secret); r != -1 {
		t.Errorf("one more: %d", r)
	}
}

// FuzzRequest gives the server's decoder and all that follows any bytes.
func FuzzRequest(f *testing.F) {
	for _, p := range []*ber.Packet{
		operation(opBind, number(ber.TagInteger, 3), octets("201-1"), tagged(0, secret)),
		operation(opSearch, octets("dc=x"), number(ber.TagEnumerated, 2), number(ber.TagEnumerated, 0),
			number(ber.TagInteger, 0), number(ber.TagInteger, 0), number(ber.TagInteger, 0),
			part("cn", "a"), ber.NewSequence("")),
	} {
		m := ber.NewSequence("")
		m.AppendChild(number(ber.TagInteger, 1))
		m.AppendChild(p)
		f.Add(m.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > RequestMax {
			return
		}
		p, err := ber.DecodePacketErr(b)
		if err != nil {
			return
		}
		here, there := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		r := &reader{s: newServer(&office{}), c: here, extension: "201", signedIn: true}
		_ = r.answer(t.Context(), p) // it may say no, and must not panic
		_ = here.Close()
	})
}

// TestSlowBookKeepsNobodyWaiting: who reads a book that is long in coming keeps nobody from
// searching another one.
func TestSlowBookKeepsNobodyWaiting(t *testing.T) {
	reads, goOn := make(chan struct{}), make(chan struct{})
	s := newServer(&office{slow: func(kind Kind) {
		if kind == Missed {
			reads <- struct{}{}
			<-goOn
		}
	}})
	f := &filter{tag: filterPresent, name: "cn"}
	var wait sync.WaitGroup
	defer wait.Wait()
	defer close(goOn)
	wait.Go(func() { s.find(Missed, "201", "of") })
	wait.Go(func() { s.fitting(Missed, "201", f, 1) })
	<-reads
	<-reads // both
	if found := s.find(Common, "201", "tom"); len(found) != 1 {
		t.Errorf("%+v", found)
	}
	if found, _ := s.fitting(Common, "201", f, FoundMax); len(found) != 2 {
		t.Errorf("%+v", found)
	}
}
