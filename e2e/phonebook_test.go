//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Where phones read the telephone books.
const (
	portBooks     = 15463
	portBooksLDAP = 15636
)

// library starts a unit that hands its books out.
func (w *world) library() *unit {
	w.Helper()
	u := w.newUnit(w.addr(), "")
	f, err := os.OpenFile(u.config, os.O_APPEND|os.O_WRONLY, 0o600)
	w.must(err)
	_, err = fmt.Fprintf(f, "[phonebook]\nhttps = \"%s:%d\"\nldaps = \"%s:%d\"\n[plan]\noutside_prefix = \"9\"\n",
		u.addr, portBooks, u.addr, portBooksLDAP)
	w.must(err)
	w.must(f.Close())
	u.start()
	u.claim()
	return u
}

// reads runs a program that reads, as a phone does.
func (w *world) reads(name string, args ...string) string {
	cmd := exec.CommandContext(w.ctx, name, args...)
	cmd.Env = append(os.Environ(), "LDAPTLS_REQCERT=never")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

// TestPhonesReadTheBooks reads the books with curl and ldapsearch, as phones do: with a
// phone's own credential, over TLS, and without it not at all.
func TestPhonesReadTheBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.library()
	a := u.account("201")
	u.account("202")
	u.cli("book", "add", "山田商店", "03-1234-5678", "--kana", "ヤマダショウテン")
	u.cli("book", "add", "Taro", "090-1111-2222", "--extension", "201")
	u.cli("book", "add", "Secret", "090-3333-4444", "--extension", "202")

	page := fmt.Sprintf("https://%s:%d/phonebook/yealink/all", u.addr, portBooks)
	got := w.reads("curl", "-sk", "-u", a.User+":"+a.Secret, page)
	for _, want := range []string{
		"<Name>山田商店</Name><Telephone>90312345678</Telephone>", "<Name>Taro</Name><Telephone>909011112222</Telephone>",
		"<Telephone>202</Telephone>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Secret") {
		t.Errorf("201 reads the book of 202:\n%s", got)
	}
	search := func(secret, filter string) string {
		return w.reads("ldapsearch", "-LLL", "-x", "-H", fmt.Sprintf("ldaps://%s:%d", u.addr, portBooksLDAP),
			"-D", "uid="+a.User+",dc=sekisho", "-w", secret, "-b", "dc=sekisho", filter, "telephoneNumber")
	}
	if got := search(a.Secret, "(|(cn=*やまだ*)(sn=*やまだ*))"); strings.Count(got, "dn:") != 1 ||
		!strings.Contains(got, "telephoneNumber: 90312345678") {
		t.Errorf("found\n%s", got)
	}
	if got := search(a.Secret, "(cn=*Secret*)"); strings.Contains(got, "dn:") {
		t.Errorf("201 finds in the book of 202:\n%s", got)
	}
	if got := search("wrong", "(cn=*)"); !strings.Contains(got, "Invalid credentials") {
		t.Errorf("with a wrong secret:\n%s", got)
	}
	status := func(as string) string {
		return w.reads("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-u", as, page)
	}
	for _, as := range []string{":", a.User + ":wrong"} {
		if got := status(as); got != "401" {
			t.Errorf("as %q: %s", as, got)
		}
	}
	u.cli("phone", "disable", a.Device)
	if got := status(a.User + ":" + a.Secret); got != "401" {
		t.Errorf("a disabled phone reads: %s", got)
	}
	if got := w.reads("curl", "-s", strings.Replace(page, "https", "http", 1)); strings.Contains(got, "<") {
		t.Errorf("without TLS:\n%s", got)
	}
}

// TestPhonesReadTheirCalls: baresip calls an extension that is not there. That one's phone
// reads the missed call, by XML and by LDAP, and only its own; the caller's what it dialed.
func TestPhonesReadTheirCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.library()
	a, p := u.account("201"), u.phone("202", "udp", true)
	b := w.baresip(p, 0)
	w.must(b.Registered(w.ctx))
	w.must(b.Dial("201"))
	page := func(book, user, secret string) string {
		return w.reads("curl", "-sk", "-u", user+":"+secret,
			fmt.Sprintf("https://%s:%d/phonebook/yealink/%s", u.addr, portBooks, book))
	}
	const of202, of201 = "<Telephone>202</Telephone>", "<Telephone>201</Telephone>"
	w.until(time.Minute, "201 has a missed call", func() bool {
		return strings.Contains(page("missed", a.User, a.Secret), of202)
	})
	for _, c := range []struct {
		book, user, secret, want string
	}{
		{"missed", p.User, p.Secret, ""},
		{"received", a.User, a.Secret, ""},
		{"received", p.User, p.Secret, ""},
		{"dialed", a.User, a.Secret, ""},
		{"dialed", p.User, p.Secret, of201},
		{"missed", a.User, "wrong", ""},
	} {
		got := page(c.book, c.user, c.secret)
		if c.want == "" && strings.Contains(got, "<Telephone>") || !strings.Contains(got, c.want) {
			t.Errorf("%s reads of its %s calls\n%s", c.user, c.book, got)
		}
	}
	got := w.reads("ldapsearch", "-LLL", "-x", "-H", fmt.Sprintf("ldaps://%s:%d", u.addr, portBooksLDAP),
		"-D", "uid="+a.User+",dc=sekisho", "-w", a.Secret, "-b", "ou=missed,dc=sekisho", "(cn=*)", "telephoneNumber")
	if strings.Count(got, "dn:") != 1 || !strings.Contains(got, "telephoneNumber: 202") {
		t.Errorf("by LDAP:\n%s", got)
	}
	u.cli("phone", "remove", a.Device)
	next := u.account("201")
	got = page("missed", next.User, next.Secret)
	if !strings.Contains(got, "<") || strings.Contains(got, "<Telephone>") {
		t.Errorf("who has the number next reads\n%s", got)
	}
}
