package sip_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// ordinary is what a unit's listener serves, as far as these messages are concerned.
var ordinary = sip.Rules{
	Methods: sip.Methods(sip.INVITE, sip.ACK, sip.BYE, sip.CANCEL, sip.OPTIONS, sip.REGISTER, sip.PRACK,
		sip.UPDATE, sip.INFO, sip.REFER, sip.NOTIFY, sip.SUBSCRIBE, sip.MESSAGE),
	Extensions: []string{"100rel", "timer", "replaces", "path"},
}

// Outcomes that are no status.
const (
	fine    = 0  // Validate gives nil
	dropped = -1 // nobody is answered
)

// tortures are all 49 messages of RFC 4475: what this endpoint (a user agent server, a registrar) does with
// each, and why.
var tortures = []struct {
	name    string
	section string
	want    int
	phrase  string
	why     string
}{
	{"wsinv", "3.1.1.1", fine, "", "white space, folds, compact names are legal; a Via without cookie is RFC 2543's"},
	{"intmeth", "3.1.1.2", 501, "Method Not Implemented", "legal to the last byte, but nobody knows the method"},
	{"esc01", "3.1.1.3", fine, "", "escapes are legal in user and parameters, and stay apart from what they mean"},
	{"escnull", "3.1.1.4", fine, "", "escaped NULs in user parts are legal, and marked for the registrar"},
	{"esc02", "3.1.1.5", 501, "Method Not Implemented", "a % escapes nothing in a method: this is no REGISTER"},
	{"lwsdisp", "3.1.1.6", fine, "", "no space is needed between display name and <"},
	{"longreq", "3.1.1.7", fine, "", "long values, 34 Via fields"},
	{"dblreq", "3.1.1.8", fine, "", "the second request in the datagram is surplus, not body"},
	{"semiuri", "3.1.1.9", fine, "", "a semicolon belongs to the user part"},
	{"transports", "3.1.1.10", fine, "", "Via may name any transport"},
	{"mpart01", "3.1.1.11", fine, "", "binary bodies are nobody's business here"},
	{"unreason", "3.1.1.12", fine, "", "a reason phrase may be any UTF-8"},
	{"noreason", "3.1.1.13", fine, "", "a reason phrase may be empty"},

	{"badinv01", "3.1.2.1", 400, "Malformed Via", "semicolons and commas without parameters between them"},
	{"clerr", "3.1.2.2", 400, "Body Shorter Than Content-Length", "the datagram ends before the body does"},
	{"ncl", "3.1.2.3", 400, "Malformed Content-Length", "a length is never negative"},
	{"scalar02", "3.1.2.4", 400, "Malformed CSeq", "CSeq is beyond 2^31"},
	{"scalarlg", "3.1.2.5", dropped, "Malformed CSeq", "the same in a response"},
	{"quotbal", "3.1.2.6", 400, "Malformed To", "the quote is never closed"},
	{"ltgtruri", "3.1.2.7", 400, "Malformed Request-URI", "no angle brackets around a Request-URI"},
	{"lwsruri", "3.1.2.8", 400, "Malformed Request-URI", "no space inside a Request-URI"},
	{"lwsstart", "3.1.2.9", 400, "Malformed Request-Line", "one space only between the parts of the request line"},
	{"trws", "3.1.2.10", 400, "Malformed Request-Line", "nothing behind the version"},
	{"escruri", "3.1.2.11", 400, "Headers In Request-URI", "a Request-URI carries no headers"},
	{"baddate", "3.1.2.12", 400, "Malformed Date", "a Date is in GMT"},
	{"regbadct", "3.1.2.13", 400, "Malformed Contact", "a URI with ? needs angle brackets"},
	{"badaspec", "3.1.2.14", 400, "Malformed To", "no space inside angle brackets"},
	{"baddn", "3.1.2.15", 400, "", "a comma in an unquoted display name (and no end of the header section)"},
	{"badvers", "3.1.2.16", 505, "Version Not Supported", "SIP/7.0"},
	{"mismatch01", "3.1.2.17", 400, "CSeq Method Mismatch", "OPTIONS with INVITE in CSeq"},
	{"mismatch02", "3.1.2.18", 400, "CSeq Method Mismatch", "the same with an unknown method; 501 would do too"},
	{"bigcode", "3.1.2.19", dropped, "Malformed Status-Line", "a status code has three digits"},

	{"badbranch", "3.2.1", 400, "Empty Branch", "a cookie without anything behind it identifies nothing"},

	{"insuf", "3.3.1", 400, "Missing From", "From, To, Call-ID are missing"},
	{"unkscm", "3.3.2", 416, "Unsupported URI Scheme", "nobody knows the scheme"},
	{"novelsc", "3.3.3", 416, "Unsupported URI Scheme", "a registered scheme, but not one to phone"},
	{"unksm2", "3.3.4", 400, "Address Of Record Is Not A SIP URI", "an ISBN can't be registered"},
	{"bext01", "3.3.5", 420, "Bad Extension", "Require names what we don't have"},
	{"invut", "3.3.6", 415, "Unsupported Media Type", "the offer is in no format we read"},
	{"regaut01", "3.3.7", fine, "", "an unknown scheme of authorization is the registrar's to challenge"},
	{"multi01", "3.3.8", 400, "Header Field Repeated", "two CSeq, Call-ID, From, To, Max-Forwards"},
	{"mcl01", "3.3.9", 400, "Header Field Repeated", "two Content-Lengths"},
	{"bcast", "3.3.10", dropped, "More Than One Via In Response", "a user agent's response has one Via, its own"},
	{"zeromf", "3.3.11", fine, "", "what ends here needs no more hops"},
	{"cparam01", "3.3.12", fine, "", "an unknown parameter of Contact"},
	{"cparam02", "3.3.13", fine, "", "an unknown parameter of the URI in Contact"},
	{"regescrt", "3.3.14", fine, "", "headers in a Contact URI are legal"},
	{"sdp01", "3.3.15", 406, "Not Acceptable", "the caller does not take SDP"},

	{"inv2543", "3.4.1", fine, "", "RFC 2543: no branch, no tag, no Max-Forwards, no Contact, no Content-Length"},
}

// sipgoDir finds the module cache's copy of emiago/sipgo, where the raw messages lie.
var sipgoDir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	return strings.TrimSpace(string(out)), err
})

// torture reads one raw message.
func torture(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := sipgoDir()
	if err != nil || dir == "" {
		t.Fatalf("the module cache has no emiago/sipgo: %v", err)
	}
	for _, kind := range []string{"valid", "invalid"} {
		if b, err := os.ReadFile(filepath.Join(dir, "sip", "testdata", "torture", kind, name+".dat")); err == nil {
			return b
		}
	}
	t.Fatalf("no torture message %q", name)
	return nil
}

// outcome parses and validates.
func outcome(raw []byte, m *sip.Message, r *sip.Rules) (status int, phrase string) {
	if err := sip.Parse(raw, m); err != nil {
		return dropped, err.Error()
	}
	a := sip.Validate(m, r)
	switch {
	case a == nil:
		return fine, ""
	case a.Dropped():
		return dropped, a.Phrase
	}
	return a.Status, a.Phrase
}

func TestTorture4475(t *testing.T) {
	const messages = 49 // RFC 4475, Appendix A
	if len(tortures) != messages {
		t.Fatalf("the table has %d messages", len(tortures))
	}
	var m sip.Message
	for _, c := range tortures {
		raw := torture(t, c.name)
		status, phrase := outcome(raw, &m, &ordinary)
		if status != c.want || c.phrase != "" && phrase != c.phrase {
			t.Errorf("%s (§%s): got %d %q, want %d %q: %s", c.name, c.section, status, phrase, c.want, c.phrase, c.why)
		}
		// The message says the same from a buffer of its own, after the old one was overwritten.
		if err := sip.Parse(raw, &m); err != nil {
			continue
		}
		own := m.Clone()
		clear(raw)
		m.Reset()
		a := sip.Validate(own, &ordinary)
		if again := (a == nil) == (status == fine); !again {
			t.Errorf("%s: its clone says %+v", c.name, a)
		}
	}
}

// TestTortureAnswers: every answer owed can be written, and reads as a response to its request.
func TestTortureAnswers(t *testing.T) {
	var m, r sip.Message
	var b sip.Builder
	for _, c := range tortures {
		raw := torture(t, c.name)
		if status, _ := outcome(raw, &m, &ordinary); status <= 0 {
			continue
		}
		a := sip.Validate(&m, &ordinary)
		b.Reset(nil)
		b.Response(&m, a.Status, a.Phrase, []byte("our-tag"), source)
		b.Answer(a)
		out, err := b.Finish("", nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := sip.Parse(out, &r); err != nil {
			t.Errorf("%s: our answer: %v\n%s", c.name, err, out)
			continue
		}
		if r.Status() != c.want || !bytes.Equal(r.CallID(), m.CallID()) {
			t.Errorf("%s: our answer reads %d, Call-ID %q:\n%s", c.name, r.Status(), r.CallID(), out)
		}
	}
}
