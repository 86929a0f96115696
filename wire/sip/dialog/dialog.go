package dialog

import (
	"errors"
	"strings"

	"github.com/sekisho/sekisho/wire/sip"
)

// Errors of the package.
var (
	// ErrNoContact says that a message that creates a dialog names no remote
	// target (RFC 3261 §12.1).
	ErrNoContact = errors.New("no usable contact in a dialog-creating message")
	// ErrNoTag says that a response that creates a dialog has no To tag.
	ErrNoTag = errors.New("no tag in a dialog-creating response")
)

// ID is what tells dialogs apart (RFC 3261 §12).
type ID struct {
	CallID    string
	LocalTag  string
	RemoteTag string
}

// Dialog is one dialog as seen from our side.
type Dialog struct {
	ID
	// Local and Remote are the From and To values without tag, as our
	// requests carry them: `"Name" <sip:user@host>`.
	Local, Remote string
	Target        string   // remote target: a URI
	Routes        []string // route set: URIs, in the order of our Route header
	LocalSeq      uint32   // of our last request; 0 before the first
	RemoteSeq     uint32   // of the peer's last request
	Secure        bool     // made by a sips request over TLS
	Confirmed     bool     // a 2xx was sent or received
	hasRemoteSeq  bool
	from, to      string // Local and Remote with their tags, once they are needed
}

// Head is the head of a request: everything that a dialog, or the maker of an
// out-of-dialog request, decides about it. Via, Max-Forwards and Contact are
// the transport's.
type Head struct {
	Method sip.Method
	URI    string   // Request-URI
	Routes []string // Route values, URIs without <>
	From   string   // with tag
	To     string   // with tag, if there is one
	CallID string
	CSeq   uint32
	// Next is the URI that the request is sent to, "" where the dialog does
	// not say. It differs from Routes where the first router is strict.
	Next string
}

// withTag adds a tag to a From or To value.
func withTag(value, tag string) string {
	if tag == "" {
		return value
	}
	return value + ";tag=" + tag
}

// Request counts up the sequence number and returns the head of the next
// request of this dialog (RFC 3261 §12.2.1.1). For ACK use Ack.
func (d *Dialog) Request(method sip.Method) Head {
	d.LocalSeq++
	return d.head(method, d.LocalSeq)
}

// Ack returns the head of the ACK for a 2xx, whose sequence number is that of
// the INVITE (RFC 3261 §13.2.2.4).
func (d *Dialog) Ack(inviteSeq uint32) Head { return d.head(sip.ACK, inviteSeq) }

func (d *Dialog) head(method sip.Method, seq uint32) Head {
	if d.from == "" {
		d.from = withTag(d.Local, d.LocalTag)
	}
	if d.to == "" {
		d.to = withTag(d.Remote, d.RemoteTag)
	}
	h := Head{
		Method: method,
		URI:    d.Target,
		Routes: d.Routes,
		From:   d.from,
		To:     d.to,
		CallID: d.CallID,
		CSeq:   seq,
		Next:   d.NextHop(),
	}
	if len(d.Routes) > 0 && !isLoose(d.Routes[0]) {
		// A strict router wants itself in the Request-URI and the target
		// behind the other routes (RFC 3261 §12.2.1.1).
		h.URI = stripForRequestURI(d.Routes[0])
		h.Routes = append(append(make([]string, 0, len(d.Routes)), d.Routes[1:]...), d.Target)
	}
	return h
}

// isLoose reports whether a route URI carries the lr parameter.
func isLoose(uri string) bool {
	uri, _, _ = strings.Cut(uri, "?")
	uri = uri[strings.LastIndexByte(uri, '@')+1:] // a user part may hold ";"
	_, params, _ := strings.Cut(uri, ";")
	for p := range strings.SplitSeq(params, ";") {
		name, _, _ := strings.Cut(p, "=")
		if strings.EqualFold(name, "lr") {
			return true
		}
	}
	return false
}

// stripForRequestURI drops what may not stand in a Request-URI: headers and
// the method parameter (RFC 3261 §12.2.1.1, §19.1.1).
func stripForRequestURI(uri string) string {
	if i := strings.IndexByte(uri, '?'); i >= 0 {
		uri = uri[:i]
	}
	at := strings.LastIndexByte(uri, '@') + 1 // a user part may hold ";"
	base, params, ok := strings.Cut(uri[at:], ";")
	if !ok {
		return uri
	}
	var b strings.Builder
	b.WriteString(uri[:at])
	b.WriteString(base)
	for p := range strings.SplitSeq(params, ";") {
		name, _, _ := strings.Cut(p, "=")
		if strings.EqualFold(name, "method") {
			continue
		}
		b.WriteByte(';')
		b.WriteString(p)
	}
	return b.String()
}

// Receive checks the sequence number of a request inside the dialog and
// returns the status owed: 0 to go on, 500 for one that is out of order
// (RFC 3261 §12.2.2). ACK and CANCEL carry the number of their INVITE and
// are not counted.
func (d *Dialog) Receive(method sip.Method, seq uint32) int {
	if method == sip.ACK || method == sip.CANCEL {
		return 0
	}
	if d.hasRemoteSeq && seq <= d.RemoteSeq {
		return 500
	}
	d.RemoteSeq, d.hasRemoteSeq = seq, true
	return 0
}

// Refresh takes the Contact of a target refresh request or its 2xx (RFC 3261
// §12.2.1.2): INVITE and UPDATE. An empty contact changes nothing.
func (d *Dialog) Refresh(contact string) {
	if contact != "" {
		d.Target = stripForRequestURI(contact)
	}
}

// NextHop is the URI that the next request is sent to: the first route, else
// the target.
func (d *Dialog) NextHop() string {
	if len(d.Routes) > 0 {
		return d.Routes[0]
	}
	return d.Target
}
