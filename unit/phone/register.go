package phone

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Answer is the response to a REGISTER.
type Answer struct {
	Status  int
	Phrase  string
	Headers []session.Header
}

// refusal makes an Answer without bindings.
func refusal(status int, phrase string, headers ...session.Header) *Answer {
	return &Answer{Status: status, Phrase: phrase, Headers: headers}
}

// wish is one contact of a REGISTER: put it, or take it away.
type wish struct {
	contact  string
	instance string
	q        uint16
	life     time.Duration
}

// request is a REGISTER, decoded.
type request struct {
	callID   string
	cseq     uint32
	agent    string
	path     []string
	wishes   []wish
	star     bool // "Contact: *": take all away
	fetching bool // no contact: only a question
}

// Register is the registrar (RFC 3261 §10.3). id is what Authenticate said of
// the request. Either all contacts of a request change or none.
func (r *Registry) Register(m *sip.Message, from edge.Source, id edge.Identity, now time.Time) Answer {
	p := r.device(id.Device)
	if p == nil || !id.Authenticated {
		return *refusal(403, "Forbidden")
	}
	p.mu.Lock()
	own := p.owns(string(m.To().URI.User))
	p.mu.Unlock()
	if !own {
		return *refusal(403, "Not Your Address Of Record")
	}
	req, bad := r.decode(m)
	if bad != nil {
		return *bad
	}
	return r.apply(p, req, from, now)
}

// owns reports whether an address of record is the phone's: its extension, or
// its own name, which is what phones with one field for both register. The
// caller holds the lock.
func (p *phone) owns(user string) bool {
	return user == p.row.Extension || user == p.row.Device || user == p.row.User
}

// decode reads a REGISTER's contacts.
func (r *Registry) decode(m *sip.Message) (request, *Answer) {
	req := request{callID: string(m.CallID()), cseq: m.CSeq().Number, agent: agentOf(m)}
	if req.callID == "" || len(req.callID) > TextMax {
		return req, refusal(400, "Bad Call-ID")
	}
	contacts, err := m.Contacts()
	if err != nil || len(contacts) > ContactsMax {
		return req, refusal(400, "Bad Contact")
	}
	if req.path, err = r.decodePath(m); err != nil {
		return req, refusal(403, "Bad Path")
	}
	req.fetching = len(contacts) == 0
	general, given := m.Expires()
	if !given {
		general = uint32(ExpiresDefault / time.Second)
	}
	for i := range contacts {
		c := &contacts[i]
		if c.Wildcard {
			if len(contacts) != 1 || !given || general != 0 {
				return req, refusal(400, "Bad Wildcard Contact")
			}
			req.star = true
			return req, nil
		}
		w, bad := r.decodeContact(c, general)
		if bad != nil {
			return req, bad
		}
		req.wishes = append(req.wishes, w)
	}
	return req, nil
}

// decodeContact reads one contact.
func (r *Registry) decodeContact(c *sip.NameAddr, general uint32) (wish, *Answer) {
	own := c.URI
	own.Headers = nil // a Request-URI has none (RFC 3261 §19.1.1)
	uri := own.String()
	if !c.URI.IsSIP() || uri == "" || len(uri) > TextMax || c.URI.UserHasControl {
		return wish{}, refusal(400, "Bad Contact")
	}
	if a, ok := sip.HostAddr(c.URI.Host); ok && r.cfg.IsLineAddr(a.Unmap()) {
		return wish{}, refusal(403, "Contact Not Permitted")
	}
	seconds, ok := c.Expires()
	if !ok {
		seconds = general
	}
	w := wish{contact: uri, q: uint16(c.Q()), life: time.Duration(seconds) * time.Second}
	if v, ok := c.Param("+sip.instance"); ok {
		w.instance = clean(sip.AppendUnquoted(nil, v), agentMax)
	}
	if w.life > r.cfg.ExpiresMax {
		w.life = r.cfg.ExpiresMax
	}
	if w.life > 0 && w.life < r.cfg.ExpiresMin {
		return wish{}, refusal(423, "Interval Too Brief", session.Header{
			Name: "Min-Expires", Value: fmt.Sprint(seconds32(r.cfg.ExpiresMin)),
		})
	}
	return w, nil
}

// decodePath reads the Path of a request (RFC 3327). Where it leads is
// checked as a contact is: it must not be a line.
func (r *Registry) decodePath(m *sip.Message) ([]string, error) {
	list, err := m.Addrs(sip.HeaderPath)
	if err != nil {
		return nil, err
	}
	if len(list) > PathMax {
		return nil, fmt.Errorf("more than %d Path values", PathMax)
	}
	var path []string
	for i := range list {
		text := list[i].String()
		if text == "" || len(text) > TextMax || !list[i].URI.IsSIP() {
			return nil, fmt.Errorf("bad Path value")
		}
		if a, ok := sip.HostAddr(list[i].URI.Host); ok && r.cfg.IsLineAddr(a.Unmap()) {
			return nil, fmt.Errorf("path leads to a line")
		}
		path = append(path, text)
	}
	return path, nil
}

// seconds32 gives whole seconds.
func seconds32(d time.Duration) int64 { return int64(d / time.Second) }

// apply changes a phone's bindings as asked, and answers with what it has.
func (r *Registry) apply(p *phone, req request, from edge.Source, now time.Time) Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return *refusal(403, "Forbidden")
	}
	if !req.fetching && p.outOfOrder(req) {
		return *refusal(500, "CSeq Out Of Order")
	}
	var w fact.Write
	p.dropExpired(now, &w)
	fresh := p.fresh(req)
	if !p.contacts.room(fresh, now) {
		if len(w.Facts) > 0 {
			r.write(w, now)
		}
		return *refusal(503, "Too Many New Contacts", session.Header{
			Name: "Retry-After", Value: fmt.Sprint(seconds32(NewsWindow)),
		})
	}
	p.contacts.count += fresh
	switch {
	case req.star:
		for _, b := range p.bindings {
			w.Facts = append(w.Facts, goneFact(b.Binding, "asked", now))
		}
		w.Rows = append(w.Rows, fact.BindingGone{Device: p.row.Device})
		p.bindings = nil
	default:
		for _, c := range req.wishes {
			p.grant(c, req, from, now, &w)
		}
	}
	if len(w.Facts) > 0 {
		r.write(w, now)
	}
	for _, b := range p.bindings {
		r.places.put(b.Source.Addr().Unmap(), p.row.Device, b.Expires)
	}
	return p.bindingsAnswer(req, now)
}

// fresh counts the contacts of a request that are not refreshed but new.
func (p *phone) fresh(req request) (n int) {
	for _, c := range req.wishes {
		if c.life > 0 && p.refreshed(c, req) < 0 {
			n++
		}
	}
	return n
}

// outOfOrder reports whether a request is older than what it would change
// (RFC 3261 §10.3, step 7).
func (p *phone) outOfOrder(req request) bool {
	for _, b := range p.bindings {
		if b.CallID == req.callID && req.cseq <= b.CSeq {
			return true
		}
	}
	return false
}

// bindingsAnswer lists the phone's contacts, those of other phones of the
// extension left out: they are not its business.
func (p *phone) bindingsAnswer(req request, now time.Time) Answer {
	a := Answer{Status: 200, Phrase: "OK"}
	for _, b := range p.bindings {
		left := b.Expires.Sub(now)
		if left <= 0 {
			continue
		}
		value := fmt.Sprintf("<%s>;expires=%d", b.Contact, seconds32(left+time.Second-1))
		if b.Q < 1000 {
			value += fmt.Sprintf(";q=0.%03d", b.Q)
		}
		a.add("Contact", value)
	}
	if len(req.path) > 0 {
		a.add("Supported", "path")
		a.add("Path", strings.Join(req.path, ", "))
	}
	a.add("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	return a
}

// add appends a header.
func (a *Answer) add(name, value string) {
	a.Headers = append(a.Headers, session.Header{Name: name, Value: value})
}

// KnownSource reports whether a phone is registered from an address, so that
// its refreshes are served even under load.
func (r *Registry) KnownSource(a netip.AddrPort) bool {
	_, ok := r.places.at(a.Addr().Unmap(), time.Time{})
	return ok
}
