//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Where phones read the telephone books.
const (
	portBooks     = 15463
	portBooksLDAP = 15636
)

// TestPhonesReadTheBooks reads the books with curl and ldapsearch, as phones do: with a
// phone's own credential, over TLS, and without it not at all.
func TestPhonesReadTheBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.newUnit(w.addr(), "")
	f, err := os.OpenFile(u.config, os.O_APPEND|os.O_WRONLY, 0o600)
	w.must(err)
	_, err = fmt.Fprintf(f, "[phonebook]\nhttps = \"%s:%d\"\nldaps = \"%s:%d\"\n[plan]\noutside_prefix = \"9\"\n",
		u.addr, portBooks, u.addr, portBooksLDAP)
	w.must(err)
	w.must(f.Close())
	u.start()
	u.claim()
	a := u.account("201")
	u.account("202")
	u.cli("book", "add", "山田商店", "03-1234-5678", "--kana", "ヤマダショウテン")
	u.cli("book", "add", "Taro", "090-1111-2222", "--extension", "201")
	u.cli("book", "add", "Secret", "090-3333-4444", "--extension", "202")

	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(w.ctx, name, args...)
		cmd.Env = append(os.Environ(), "LDAPTLS_REQCERT=never")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Sprintf("%s%v", out, err)
		}
		return string(out)
	}
	page := fmt.Sprintf("https://%s:%d/phonebook/yealink/all", u.addr, portBooks)
	got := run("curl", "-sk", "-u", a.User+":"+a.Secret, page)
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
		return run("ldapsearch", "-LLL", "-x", "-H", fmt.Sprintf("ldaps://%s:%d", u.addr, portBooksLDAP),
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
		return run("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-u", as, page)
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
	if got := run("curl", "-s", strings.Replace(page, "https", "http", 1)); strings.Contains(got, "<") {
		t.Errorf("without TLS:\n%s", got)
	}
}
