package phone

import (
	"fmt"
	"net/netip"
	"strconv"
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
	// Left are places where the phone stood until now: another connection or
	// port of the same contact, instance or registration.
	Left []edge.Source
	// Moved says that Places, from how many addresses the phone is registered now,
	// is another number than it was, or that a contact is new or stands elsewhere.
	Moved  bool
	Places int
}

// refusal makes an Answer without bindings.
func refusal(status int, phrase string, headers ...session.Header) *Answer {
	return &Answer{Status: status, Phrase: phrase, Headers: headers}
}

// wish is one contact of a REGISTER: put it, or take it away.
type wish struct {
	contact  []byte
	instance []byte
	q        uint16
	life     time.Duration
}

// request is a REGISTER, decoded. Its bytes are good as long as the message,
// and nothing keeps them: it is used again for another one.
type request struct {
	from     edge.Source
	callID   []byte
	cseq     uint32
	agent    []byte
	path     []string
	wishes   []wish
	star     bool // "Contact: *": take all away
	fetching bool // no contact: only a question
	fresh    bool // a contact of it is new, or stands elsewhere than it did
	left     []edge.Source
	text     []byte // room for texts that stand in the message in another form
}

// reset makes room for another REGISTER.
func (req *request) reset(from edge.Source) {
	clear(req.wishes)
	*req = request{from: from, wishes: req.wishes[:0], text: req.text[:0]}
}

// Register is the registrar (RFC 3261 §10.3). id is what Authenticate said of
// the request. Either all contacts of a request change or none.
func (r *Registry) Register(m *sip.Message, from edge.Source, id edge.Identity, now time.Time) Answer {
	p, known := id.Record.(*phone)
	if !known || !id.Authenticated {
		return *refusal(403, "Forbidden")
	}
	p.mu.Lock()
	own := p.owns(m.To().URI.User)
	p.mu.Unlock()
	if !own {
		return *refusal(403, "Not Your Address Of Record")
	}
	req := r.requests.Get().(*request)
	defer r.requests.Put(req)
	req.reset(from)
	if bad := r.decode(req, m); bad != nil {
		return *bad
	}
	return r.apply(p, req, now)
}

// owns reports whether an address of record is the phone's: its extension, or
// its own name, which is what phones with one field for both register. The
// caller holds the lock.
func (p *phone) owns(user []byte) bool {
	return string(user) == p.row.Extension || string(user) == p.row.Device || string(user) == p.row.User
}

// decode reads a REGISTER's contacts.
func (r *Registry) decode(req *request, m *sip.Message) *Answer {
	req.callID, req.cseq = m.CallID(), m.CSeq().Number
	req.text = appendAgent(req.text, m)
	req.agent = req.since(0)
	if len(req.callID) == 0 || len(req.callID) > TextMax {
		return refusal(400, "Bad Call-ID")
	}
	contacts, err := m.Contacts()
	if err != nil || len(contacts) > ContactsMax {
		return refusal(400, "Bad Contact")
	}
	if req.path, err = r.decodePath(m); err != nil {
		return refusal(403, "Bad Path")
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
				return refusal(400, "Bad Wildcard Contact")
			}
			req.star = true
			return nil
		}
		w, bad := r.decodeContact(req, c, general)
		if bad != nil {
			return bad
		}
		req.wishes = append(req.wishes, w)
	}
	return nil
}

// since gives the text written from start on.
func (req *request) since(start int) []byte { return req.text[start:len(req.text):len(req.text)] }

// decodeContact reads one contact.
func (r *Registry) decodeContact(req *request, c *sip.NameAddr, general uint32) (wish, *Answer) {
	own := c.URI
	own.Headers = nil // a Request-URI has none (RFC 3261 §19.1.1)
	start := len(req.text)
	req.text, _ = own.Append(req.text) // what can't be written leaves it as it was
	uri := req.since(start)
	if !c.URI.IsSIP() || len(uri) == 0 || len(uri) > TextMax || c.URI.UserHasControl {
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
		start := len(req.text)
		req.text = sip.AppendUnquoted(req.text, v)
		req.text = appendClean(req.text[:start], req.text[start:], agentMax)
		w.instance = req.since(start)
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
func (r *Registry) apply(p *phone, req *request, now time.Time) Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.row.Disabled { // since it signed in
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
	req.fresh = fresh > 0
	switch {
	case req.star:
		for i := range p.bindings {
			w.Facts = append(w.Facts, goneFact(p.told(&p.bindings[i]), "asked", now))
		}
		w.Rows = append(w.Rows, fact.BindingGone{Device: p.row.Device})
		p.bindings = nil
	default:
		for i := range req.wishes {
			p.grant(&req.wishes[i], req, now, &w)
		}
	}
	if len(w.Facts) > 0 {
		r.write(w, now)
	}
	for i := range p.bindings {
		b := &p.bindings[i]
		r.places.put(b.source.Addr().Unmap(), p, b.expires)
	}
	r.await(p, now)
	return r.bindingsAnswer(p, req, now)
}

// fresh counts the contacts of a request that are not refreshed but new.
func (p *phone) fresh(req *request) (n int) {
	for i := range req.wishes {
		if c := &req.wishes[i]; c.life > 0 && p.refreshed(c, req) < 0 {
			n++
		}
	}
	return n
}

// outOfOrder reports whether a request is older than what it would change
// (RFC 3261 §10.3, step 7).
func (p *phone) outOfOrder(req *request) bool {
	for i := range p.bindings {
		if b := &p.bindings[i]; b.callID == string(req.callID) && req.cseq <= b.cseq {
			return true
		}
	}
	return false
}

// bindingsAnswer lists the phone's contacts, those of other phones of the
// extension left out: they are not its business. The caller holds its lock.
func (r *Registry) bindingsAnswer(p *phone, req *request, now time.Time) Answer {
	a := Answer{Status: 200, Phrase: "OK", Headers: make([]session.Header, 0, len(p.bindings)+answerHeaders)}
	var room [contactRoom]byte
	for i := range p.bindings {
		b := &p.bindings[i]
		left := time.Duration(b.expires - now.UnixNano())
		if left <= 0 {
			continue
		}
		text := append(append(append(room[:0], '<'), b.contact...), ">;expires="...)
		text = strconv.AppendInt(text, seconds32(left+time.Second-1), 10)
		if b.q < 1000 {
			text = append(text, ";q=0."...)
			text = append(text, byte('0'+b.q/100), byte('0'+b.q/10%10), byte('0'+b.q%10))
		}
		a.add("Contact", string(text))
	}
	if len(req.path) > 0 {
		a.add("Supported", "path")
		a.add("Path", strings.Join(req.path, ", "))
	}
	a.Left = req.left
	a.Places = p.standing(now)
	a.Moved = req.fresh || a.Places != int(p.stood)
	p.stood = uint8(a.Places) // of ContactsMax at most
	a.add("Date", r.dateAt(now))
	return a
}

// contactRoom is room for the value of a usual Contact; a longer one lives
// elsewhere.
const contactRoom = 256

// answerHeaders is how many headers an answer has beside its contacts.
const answerHeaders = 3

// dateText is a Date header's value of one second.
type dateText struct {
	second int64
	text   string
}

// dateAt gives the value of a Date header, written once a second.
func (r *Registry) dateAt(now time.Time) string {
	d := r.date.Load()
	if d == nil || d.second != now.Unix() {
		d = &dateText{now.Unix(), now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}
		r.date.Store(d)
	}
	return d.text
}

// add appends a header.
func (a *Answer) add(name, value string) {
	a.Headers = append(a.Headers, session.Header{Name: name, Value: value})
}

// KnownSource reports whether a phone is registered from an address, so that
// its refreshes are served even under load.
func (r *Registry) KnownSource(a netip.AddrPort) bool { return r.places.seen(a.Addr().Unmap()) }
