package line

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Endpoint is what the SIP stack and the media relay have to know of a line.
type Endpoint struct {
	ID          string
	Transport   string
	Next        string // URI to send to: the carrier's registrar or proxy
	ContactUser string
	Session     session.Config
	Profile     Profile
	Number      number.Profile
	Local       Local
}

// Endpoint describes a line to those who speak for it. jitter is random bits.
func (l *Lines) Endpoint(id string, jitter uint64) (Endpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.get(id)
	if err != nil {
		return Endpoint{}, err
	}
	return Endpoint{
		ID: id, Transport: n.row.Transport, Next: n.next(), ContactUser: n.token,
		Session: n.profile.SessionConfig(jitter), Profile: n.profile, Number: n.numbers,
		Local: n.local(l.cfg.Shared),
	}, nil
}

// next gives the URI of the carrier's address in use.
func (n *line) next() string {
	host, port, _ := splitHost(n.registrars[n.reg.index%len(n.registrars)])
	uri := "sip:" + uriHost(host, port)
	if n.row.Transport != "udp" {
		uri += ";transport=" + n.row.Transport
	}
	return uri
}

// domain gives the carrier's name as it stands in URIs: without port.
func (n *line) domain() string {
	host, _, _ := splitHost(n.registrars[0])
	return uriHost(host, 0)
}

// Render writes the Request-URI and To of an INVITE on a line, from nothing
// but the destination that the gate approved.
func (l *Lines) Render(id string, d number.Destination) (requestURI, to string, err error) {
	l.mu.Lock()
	n, err := l.get(id)
	if err != nil {
		l.mu.Unlock()
		return "", "", err
	}
	numbers, host, phone := n.numbers, n.uriHost(), n.profile.Signaling.UserPhone
	l.mu.Unlock()
	user, err := number.Render(d, numbers)
	if err != nil {
		return "", "", fmt.Errorf("line %s: %w", id, err)
	}
	uri := "sip:" + string(user) + "@" + host
	if phone {
		uri += ";user=phone"
	}
	return uri, "<" + uri + ">", nil
}

// uriHost gives the host of the Request-URI.
func (n *line) uriHost() string {
	if n.profile.Signaling.URIHost == "next-hop" && n.reg.hop.IsValid() {
		return uriHost(n.reg.hop.Addr().String(), n.reg.hop.Port())
	}
	host, port, _ := splitHost(n.registrars[n.reg.index%len(n.registrars)])
	if n.profile.Register.Needed {
		port = 0 // the carrier's domain, not a place
	}
	return uriHost(host, port)
}

// Routes gives the Route values that calls on a line carry: what the
// registrar's answer asked for, where the profile keeps it.
func (l *Lines) Routes(id string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil {
		return slices.Clone(n.reg.routes)
	}
	return nil
}

// Shown is what a call shows on a line.
type Shown struct {
	Extension   string // whose number is shown
	Destination number.Destination
	Sent        *Sent // nil: nobody sent it on
}

// Sent is who called an extension that sends the call on outside.
type Sent struct {
	Caller string // its number as the line that it came on gave it, "" where that is withheld
	Why    string // one of call's Why words, "" for always
}

// Outgoing gives the From (a name-addr without tag) and the identity headers
// of an INVITE on a line: the number of the extension that calls, or the
// line's main number, and the wish to withhold it. What was sent on shows who called
// where the line is set so; our own number stands beside it, which the carrier looks at.
func (l *Lines) Outgoing(id string, s Shown) (from string, headers []session.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	if n == nil {
		return "", nil
	}
	own := n.presented(s.Extension)
	user := own
	if n.profile.Identity.From == "user" || user == "" {
		user = n.account()
	}
	from = n.address(user)
	identity := n.address(own)
	if own == "" {
		identity = from
	}
	privacy := "id"
	withheld := s.Destination.Presentation == number.PresentationWithhold
	if s.Sent != nil && n.row.Forwarded != "" {
		if !digits(s.Sent.Caller) {
			withheld = true
		} else {
			from = n.address(n.written(s.Sent.Caller))
		}
		headers = n.sentOn(headers, identity, s, withheld)
	}
	if s.Sent != nil && n.row.Forwarded == fact.ForwardedHistory {
		privacy = "id;history" // RFC 7044 §10.1.1
	}
	told := n.numbers.Presenting == number.PresentInHeader
	if told && !withheld && s.Destination.Presentation == number.PresentationShow {
		// RFC 3323 §4.2: whatever the contract has.
		headers = append(headers, session.Header{Name: "Privacy", Value: "none"})
	}
	if told && withheld {
		// RFC 3323 §4.1.1.3, RFC 3325 §7: the carrier still learns who calls.
		from = `"Anonymous" <sip:anonymous@anonymous.invalid>`
		headers = append(headers, session.Header{Name: "Privacy", Value: privacy})
	}
	for _, h := range n.profile.Identity.Headers {
		name := map[string]string{
			"pai": "P-Asserted-Identity", "ppi": "P-Preferred-Identity", "rpid": "Remote-Party-ID",
		}[h]
		headers = append(headers, session.Header{Name: name, Value: identity})
	}
	return from, headers
}

// digits tells whether a caller's number is one: what a carrier sent as such may be
// anything, and it is to stand in a header of ours.
func digits(caller string) bool {
	rest := strings.TrimPrefix(caller, "+")
	return rest != "" && strings.Trim(rest, "0123456789") == ""
}

// reasons are RFC 5806's words, and the cause of RFC 4458, for why a call was sent on.
var reasons = map[string]struct{ word, cause string }{
	"": {"unconditional", "302"}, "busy": {"user-busy", "486"}, "unanswered": {"no-answer", "408"},
	"unreachable": {"unavailable", "503"},
}

// sentOn adds the headers that say for whom a call was sent on, and why.
func (n *line) sentOn(headers []session.Header, own string, s Shown, withheld bool) []session.Header {
	why := reasons[s.Sent.Why]
	switch n.row.Forwarded {
	case fact.ForwardedDiversion:
		if withheld {
			own += ";privacy=full" // RFC 5806 §4
		}
		headers = append(headers, session.Header{Name: "Diversion", Value: own + ";reason=" + why.word + ";counter=1"})
	case fact.ForwardedHistory:
		to := strings.TrimSuffix(n.address(n.written(s.Destination.National())), ">")
		headers = append(headers, session.Header{
			Name: "History-Info", Value: own + ";index=1, " + to + ";cause=" + why.cause + ">;index=1.1;mp=1",
		})
	}
	return headers
}

// account gives the user name as it stands in addresses.
func (n *line) account() string {
	if n.profile.Identity.Account == "short" {
		if short := strings.TrimLeft(n.row.User, "0"); short != "" {
			return short
		}
	}
	return n.row.User
}

// address writes a name-addr at the carrier.
func (n *line) address(user string) string {
	uri := sip.URI{Scheme: sip.SchemeSIP, User: []byte(user), Host: []byte(n.domain())}
	return "<" + uri.String() + ">"
}

// presented gives the number to show for an extension, as the line wants it:
// the one that rings it alone, or else the line's main number.
func (n *line) presented(extension string) string {
	if len(n.row.Numbers) == 0 {
		return ""
	}
	own := n.row.Numbers[0].Number
	for _, candidate := range n.row.Numbers {
		if len(candidate.Ring) == 1 && candidate.Ring[0] == extension {
			own = candidate.Number
			break
		}
	}
	return n.written(own)
}

// written is a number as the line has numbers in its headers.
func (n *line) written(national string) string {
	if !n.profile.Identity.E164 {
		return national
	}
	if d := number.Parse(national, &number.Context{}); d.Area == number.AreaJapan {
		return "+" + d.Digits
	}
	return national
}

// calledPlaces are where a called number can stand.
var calledPlaces = []string{"request-uri", "to", "p-called-party-id", "diversion"}

// Incoming is what an incoming INVITE says, for people.
type Incoming struct {
	Called string // our number, national, "" when the line has none
	Caller string // the caller's number for display, "" when withheld
	Name   string // the caller's name for display
	Mark   string // what people should know of the number: MarkAbroad, MarkPosing, "" for nothing
}

// Marks of calls that come in.
const (
	MarkAbroad = "abroad" // it comes from abroad
	MarkPosing = "posing" // it says Japan, and something else denies that
)

// Incoming reads which of a line's numbers was called, and who calls. The
// caller is for display only: nobody has proven it.
func (l *Lines) Incoming(id string, m *sip.Message) (Incoming, error) {
	l.mu.Lock()
	n, err := l.get(id)
	if err != nil {
		l.mu.Unlock()
		return Incoming{}, err
	}
	row, profile := n.row, n.profile
	l.mu.Unlock()
	var in Incoming
	in.Called, _ = calledNumber(m, &profile, &row)
	in.Caller, in.Name = caller(m)
	in.Mark = mark(m)
	return in, nil
}

// calledNumber finds the number that was called, in the profile's order. A
// place that holds no number, such as our own contact, is passed over; one
// that holds a number of ours comes before one that does not.
func calledNumber(m *sip.Message, p *Profile, row *fact.Line) (did string, ok bool) {
	first := ""
	for _, place := range p.Called.Order {
		uri := calledURI(m, place)
		if uri == nil {
			continue
		}
		national := nationalOf(uri, p.Called.Prefix)
		if national == "" {
			continue
		}
		if hasNumber(row, national) {
			return national, true
		}
		if first == "" {
			first = national
		}
	}
	if first != "" {
		return first, true
	}
	if len(row.Numbers) > 0 {
		return row.Numbers[0].Number, true
	}
	return "", false
}

// names reports whether the first number that a request tells is a line's own:
// of two lines behind one address, it is meant for that one.
func names(m *sip.Message, p *Profile, row *fact.Line) bool {
	for _, place := range p.Called.Order {
		if uri := calledURI(m, place); uri != nil {
			if national := nationalOf(uri, p.Called.Prefix); national != "" {
				return hasNumber(row, national)
			}
		}
	}
	return false
}

// calledURI gives the URI at one place.
func calledURI(m *sip.Message, place string) *sip.URI {
	switch place {
	case "request-uri":
		return m.RequestURI()
	case "to":
		return &m.To().URI
	case "p-called-party-id":
		if a := m.Addr(sip.HeaderPCalledPartyID); a != nil {
			return &a.URI
		}
	case "diversion":
		if a := m.Addr(sip.HeaderDiversion); a != nil {
			return &a.URI
		}
	}
	return nil
}

// nationalOf reads a number of Japan out of a URI, "" if there is none. prefix
// is what the carrier leaves out in front.
func nationalOf(u *sip.URI, prefix string) string {
	if len(u.User) == 0 || u.UserHasControl {
		return ""
	}
	if d := number.Parse(string(u.User), &number.Context{}); d.Area == number.AreaJapan {
		return d.National()
	}
	if prefix != "" {
		if d := number.Parse(prefix+string(u.User), &number.Context{}); d.Area == number.AreaJapan {
			return d.National()
		}
	}
	return ""
}

// hasNumber reports whether a line has a number.
func hasNumber(row *fact.Line, national string) bool {
	for _, n := range row.Numbers {
		if n.Number == national {
			return true
		}
	}
	return false
}

// caller reads who calls: P-Asserted-Identity before From (RFC 3325 §9.1),
// unless the caller asked to be withheld.
func caller(m *sip.Message) (digits, name string) {
	from := m.From()
	if withheld(m, from) {
		return "", ""
	}
	who := from
	if a := m.Addr(sip.HeaderPAssertedIdentity); a != nil {
		who = a
	}
	digits = shown(&who.URI)
	if name = clean(string(from.AppendDisplay(nil))); name == digits {
		name = ""
	}
	return digits, name
}

// mark tells what people should know of a caller's number. What it claims is no
// proof; that one header denies the other, or that the carrier found its
// signature wrong (verstat, 3GPP TS 24.229 §7.2A.20), shows that it is none.
func mark(m *sip.Message) string {
	from := m.From()
	claims := []number.Destination{claimed(&from.URI)}
	failed := unverified(&from.URI)
	if a := m.Addr(sip.HeaderPAssertedIdentity); a != nil {
		claims = append(claims, claimed(&a.URI))
		failed = failed || unverified(&a.URI)
	}
	abroad := slices.ContainsFunc(claims, func(d number.Destination) bool { return d.Class.Abroad() })
	home := slices.ContainsFunc(claims, func(d number.Destination) bool { return d.Area == number.AreaJapan })
	switch {
	case home && (abroad || failed):
		return MarkPosing
	case abroad:
		return MarkAbroad
	}
	return ""
}

// claimed is the number that a URI of a caller names.
func claimed(u *sip.URI) number.Destination {
	if u.UserHasControl {
		return number.Destination{}
	}
	user, _, _ := strings.Cut(string(u.User), ";") // parameters of the number (RFC 3261 §19.1.6)
	return number.Parse(user, &number.Context{})
}

// unverified reports whether the carrier says that a number's signature is wrong.
func unverified(u *sip.URI) bool {
	return strings.Contains(strings.ToLower(u.String()), ";verstat=tn-validation-failed")
}

// withheld reports whether the caller does not want to be shown (RFC 3323).
func withheld(m *sip.Message, from *sip.NameAddr) bool {
	if strings.EqualFold(string(from.URI.User), "anonymous") ||
		strings.HasSuffix(strings.ToLower(string(from.URI.Host)), ".invalid") {
		return true
	}
	for v := range strings.SplitSeq(string(m.Value(sip.HeaderPrivacy)), ";") {
		if v = strings.ToLower(strings.TrimSpace(v)); v == "id" || v == "user" || v == "header" {
			return true
		}
	}
	return false
}

// shown gives a caller's number as people here write it, or as it came.
func shown(u *sip.URI) string {
	if u.UserHasControl {
		return ""
	}
	d := number.Parse(string(u.User), &number.Context{})
	switch {
	case d.Area == number.AreaJapan:
		return d.National()
	case d.Class.Abroad():
		return "+" + d.Digits
	default:
		return clean(string(u.User))
	}
}

// clean makes a carrier's text fit to be shown.
func clean(s string) string {
	if len(s) > TextMax {
		s = s[:TextMax]
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
}
