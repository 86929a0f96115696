package sip_test

import (
	"bytes"
	"fmt"
	"testing"

	peer "github.com/emiago/sipgo/sip"

	"github.com/sekisho/sekisho/wire/sip"
)

// ours says in a line how this package reads a message: "refused" or its parts.
func ours(raw []byte) string {
	var m sip.Message
	status, _ := outcome(bytes.Clone(raw), &m, &ordinary)
	if status == dropped || status == 400 || status == 505 {
		return "refused"
	}
	if !m.IsRequest() {
		return fmt.Sprintf("%d cseq=%d id=%s branch=%s body=%d", m.Status(), m.CSeq().Number, m.CallID(),
			m.TopVia().Branch, len(m.Body()))
	}
	u := m.RequestURI()
	contact := ""
	if c := m.Addr(sip.HeaderContact); c != nil {
		contact = fmt.Sprintf("%s@%s", c.URI.RawUser, bare(string(c.URI.Host)))
	}
	return fmt.Sprintf(requestReading,
		m.MethodText(), u.RawUser, bare(string(u.Host)), u.Port, m.From().URI.RawUser, m.From().URI.Host,
		m.From().Tag, m.To().URI.RawUser, bare(string(m.To().URI.Host)), m.CSeq().Number, m.CallID(),
		bare(string(m.TopVia().Host)), m.TopVia().Port, m.TopVia().Branch, contact, m.MaxForwards(), len(m.Body()))
}

// requestReading is how both sides say what they read of a request.
const requestReading = "%s %s@%s:%d from=%s@%s/%s to=%s@%s cseq=%d id=%s via=%s:%d/%s contact=%s mf=%d body=%d"

// bare takes brackets off.
func bare(host string) string {
	if len(host) > 1 && host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// theirs says the same of sipgo.
func theirs(raw []byte) (reading string) {
	defer func() {
		if r := recover(); r != nil {
			reading = "panic"
		}
	}()
	msg, err := peer.ParseMessage(bytes.Clone(raw))
	if err != nil || msg.CSeq() == nil || msg.CallID() == nil || msg.Via() == nil {
		return "refused"
	}
	branch, _ := msg.Via().Params.Get("branch")
	if r, ok := msg.(*peer.Response); ok {
		return fmt.Sprintf("%d cseq=%d id=%s branch=%s body=%d", r.StatusCode, r.CSeq().SeqNo, *r.CallID(), branch,
			len(r.Body()))
	}
	r := msg.(*peer.Request)
	if r.From() == nil || r.To() == nil {
		return "refused"
	}
	contact, mf := "", 70
	if c := r.Contact(); c != nil {
		contact = fmt.Sprintf("%s@%s", c.Address.User, bare(c.Address.Host))
	}
	if m := r.MaxForwards(); m != nil {
		mf = int(m.Val())
	}
	tag, _ := r.From().Params.Get("tag")
	return fmt.Sprintf(requestReading,
		r.Method, r.Recipient.User, bare(r.Recipient.Host), r.Recipient.Port, r.From().Address.User,
		r.From().Address.Host, tag, r.To().Address.User, bare(r.To().Address.Host), r.CSeq().SeqNo, *r.CallID(),
		bare(r.Via().Host), r.Via().Port, branch, contact, mf, len(r.Body()))
}

// How two readings differ.
const (
	theyTake = "only sipgo takes it"
	weTake   = "only we take it"
	apart    = "both take it and read it differently"
)

// disagreements are all messages, of RFC 4475 and of variants, that sipgo v1.7.2 and we read differently, and
// who is right. The test keeps the table true in both directions.
var disagreements = map[string]struct{ how, right, why string }{
	// RFC 4475
	"wsinv":      {apart, "us", "white space may stand around the = of a parameter: the tag is there"},
	"intmeth":    {apart, "us", "methods are case-sensitive (§7.1)"},
	"escnull":    {apart, "us", "the first Contact is the first one, not the last"},
	"esc02":      {apart, "us", "the first Contact is the first one, not the last"},
	"escruri":    {theyTake, "us", "no headers in a Request-URI (§19.1.1)"},
	"baddate":    {theyTake, "both", "400 and ignoring it are allowed (RFC 4475 §3.1.2.12)"},
	"regbadct":   {theyTake, "us", "a ? needs angle brackets (§20.10)"},
	"badvers":    {theyTake, "us", "505 (§21.5.6)"},
	"mismatch01": {theyTake, "us", "CSeq names the method (§8.1.1.5)"},
	"mismatch02": {theyTake, "us", "CSeq names the method (§8.1.1.5)"},
	"badbranch":  {theyTake, "both", "400 and RFC 2543's matching are allowed (RFC 4475 §3.2.1)"},
	"novelsc":    {weTake, "us", "the scheme is well formed, so the answer is 416 and not silence"},
	"unksm2":     {theyTake, "us", "a registrar answers 400 (RFC 4475 §3.3.4)"},
	"multi01":    {theyTake, "us", "To, From, CSeq, Call-ID stand once (§7.3.1)"},
	"mcl01":      {theyTake, "us", "Content-Length stands once (§7.3.1)"},
	"bcast":      {theyTake, "us", "a user agent drops responses with two Vias (§8.1.3.3)"},

	// start line
	"method in lower case": {theyTake, "us", "methods are case-sensitive: this one is unknown (§7.1)"},
	"version 2.1":          {theyTake, "us", "505 (§21.5.6)"},
	"empty lines before":   {weTake, "us", "line ends before the start line are ignored (§7.5)"},

	// URI
	"empty user":                 {theyTake, "us", "an @ has a user before it (§25.1)"},
	"two ats":                    {theyTake, "us", "an @ in the user part is %40 (§25.1)"},
	"broken escape":              {theyTake, "us", "% HEXDIG HEXDIG (§25.1)"},
	"escape of no hex":           {theyTake, "us", "% HEXDIG HEXDIG (§25.1)"},
	"quote in user":              {theyTake, "us", "a quote in the user part is %22 (§25.1)"},
	"full-width digits in user":  {theyTake, "us", "a user part is ASCII (§25.1)"},
	"colon twice in userinfo":    {theyTake, "us", "a colon in a password is %3A (§25.1)"},
	"tel target":                 {apart, "us", "its user part is the number (RFC 3966); we say 416 then"},
	"empty host":                 {theyTake, "us", "a SIP URI has a host (§25.1)"},
	"host with underscore":       {theyTake, "us", "no host name has one (§25.1)"},
	"host of digits":             {theyTake, "us", "a top label begins with a letter (§25.1)"},
	"IPv4 with leading zero":     {theyTake, "us", "by the letter it is legal, but it is 8.0.0.1 to some: refused"},
	"IPv4 beyond 255":            {theyTake, "us", "no address"},
	"host with two dots":         {theyTake, "us", "no label is empty (§25.1)"},
	"IPv6 with zone":             {theyTake, "us", "no zones in SIP (§25.1)"},
	"port 0":                     {theyTake, "us", "no port to send to; read as absent it is another target"},
	"port beyond 65535":          {theyTake, "us", "no port"},
	"URI parameter twice":        {theyTake, "us", "no parameter twice (§19.1.1)"},
	"URI parameter without name": {theyTake, "us", "pname is not empty (§25.1)"},
	"headers in target":          {theyTake, "us", "no headers in a Request-URI (§19.1.1)"},

	// header section
	"NUL in a value":         {theyTake, "us", "no control characters (§25.1)"},
	"header without name":    {theyTake, "us", "a header name is a token (§25.1)"},
	"header name with space": {theyTake, "us", "a header name is a token (§25.1)"},
	"first line indented":    {theyTake, "us", "there is nothing that it continues (§7.3.1)"},

	// Via
	"Via with spaces":             {apart, "us", "white space may stand around slashes, colon and = (§25.1)"},
	"Via with two branches":       {theyTake, "us", "no parameter twice (§7.3.1); they take the second"},
	"Via with received of a name": {theyTake, "us", "received is an address (§25.1)"},
	"Via with rport twice":        {theyTake, "us", "no parameter twice (§7.3.1)"},
	"Via with rport empty":        {theyTake, "us", "rport or rport=1*DIGIT (RFC 3581 §2)"},
	"Via with rport 99999":        {theyTake, "us", "no port"},
	"Via with port 0":             {theyTake, "us", "no port to answer to"},
	"Via of another protocol":     {theyTake, "us", "SIP/2.0 (§20.42)"},

	// From, To
	"From without tag":                     {theyTake, "us", "a client of RFC 3261 gives a tag (§8.1.1.3)"},
	"From with two tags":                   {theyTake, "us", "no parameter twice (§7.3.1); they take the second"},
	"From with empty tag":                  {theyTake, "us", "a tag is a token (§25.1)"},
	"From with comma in a token name":      {theyTake, "both", "400 and adding quotes are allowed (RFC 4475)"},
	"From of tel":                          {apart, "us", "the user part of a tel URI is the number"},
	"From twice":                           {theyTake, "us", "From stands once (§7.3.1); they take the second"},
	"two Tos in a line":                    {theyTake, "us", "To has one value (§20.39)"},
	"header parameter twice":               {theyTake, "us", "no parameter twice, in whatever case (§7.3.1)"},
	"header parameter quoted":              {apart, "us", "a semicolon in a quoted string ends nothing"},
	"header parameter without name":        {theyTake, "us", "a parameter name is a token (§25.1)"},
	"Contact star":                         {theyTake, "us", "* is REGISTER's alone (§20.10)"},
	"two Contacts":                         {theyTake, "us", "an INVITE has exactly one (§8.1.1.8)"},
	"Contact missing":                      {theyTake, "us", "an INVITE has exactly one (§8.1.1.8)"},
	"Contact of http":                      {theyTake, "us", "an INVITE's Contact is a SIP URI (§8.1.1.8)"},
	"Contact with headers and no brackets": {theyTake, "us", "a ? needs angle brackets (§20.10)"},

	// others
	"CSeq of another method":     {theyTake, "us", "CSeq names the method (§8.1.1.5)"},
	"CSeq twice":                 {theyTake, "us", "CSeq stands once (§7.3.1); they take the second"},
	"Call-ID with space":         {theyTake, "us", "word [ @ word ] (§25.1)"},
	"Call-ID with two ats":       {theyTake, "us", "word [ @ word ] (§25.1)"},
	"Call-ID twice":              {theyTake, "us", "Call-ID stands once (§7.3.1); they take the second"},
	"Max-Forwards 256":           {theyTake, "us", "0 to 255 (§20.22)"},
	"Max-Forwards twice":         {theyTake, "us", "Max-Forwards stands once (§7.3.1)"},
	"Content-Length twice alike": {theyTake, "us", "Content-Length stands once (§7.3.1)"},
	"Content-Length twice":       {theyTake, "us", "Content-Length stands once (§7.3.1)"},
	"Route broken":               {theyTake, "us", "an address in brackets ends with one"},
	"Record-Route empty":         {theyTake, "us", "one value at least (§25.1)"},
	"Date of another zone":       {theyTake, "both", "as baddate"},
	"Session-Expires negative":   {theyTake, "us", "delta-seconds (RFC 4028 §4)"},
	"Refer-To without brackets":  {theyTake, "us", "a ? needs angle brackets (RFC 3515 §2.1)"},
}

func TestDisagreements(t *testing.T) {
	found := map[string]bool{}
	compare := func(name string, raw []byte) {
		a, b := ours(raw), theirs(raw)
		if a == b {
			return
		}
		how := apart
		if a == "refused" {
			how = theyTake
		} else if b == "refused" {
			how = weTake
		}
		found[name] = true
		if d, ok := disagreements[name]; !ok || d.how != how || d.why == "" {
			t.Errorf("%s: %s; the table says %q\n  ours   %s\n  theirs %s", name, how, d.how, a, b)
		}
	}
	for _, c := range tortures {
		compare(c.name, torture(t, c.name))
	}
	for _, v := range variants {
		compare(v.name, v.bytes())
	}
	for name := range disagreements {
		if !found[name] {
			t.Errorf("%s: no disagreement any more", name)
		}
	}
	t.Logf("%d messages, %d disagreements", len(tortures)+len(variants), len(found))
}

// TestDisagreementsOfPairs makes a message of every two variants: where sipgo and we agree about each, we agree
// about both together. (Two variants of one place make nothing, and are left out.)
func TestDisagreementsOfPairs(t *testing.T) {
	made := 0
	for i, v := range variants {
		if _, ok := disagreements[v.name]; ok {
			continue
		}
		for _, w := range variants[i+1:] {
			if _, ok := disagreements[w.name]; ok {
				continue
			}
			raw, ok := w.apply(v.bytes())
			if !ok {
				continue
			}
			made++
			if a, b := ours(raw), theirs(raw); a != b && together[v.name+" + "+w.name] == "" {
				t.Errorf("%s + %s\n  ours   %s\n  theirs %s", v.name, w.name, a, b)
			}
		}
	}
	t.Logf("%d messages", made)
}

// together are the pairs that make a disagreement of two agreements, and why we are right.
var together = map[string]string{
	"semicolon in user + password":               "sip:201:secret;x@h: no semicolon in a password (§25.1)",
	"Via with rport + two Vias in a line":        "branch=z9hG4bKb=5060: no = in a token (§25.1)",
	"two Vias in a line + Via with comma at end": "two commas: no value is empty (§25.1)",
}
