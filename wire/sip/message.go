package sip

import "iter"

// Message is one parsed SIP message: offsets into the bytes that Parse was given, and the values that have
// been decoded from them so far. The zero value is ready for Parse, and a Message is made to be used again and
// again. Every []byte it hands out points into those bytes: it lives as long as the buffer does. What must
// outlive the datagram is taken from a Clone.
//
// A Message has one owner; reading it from two goroutines is a race, because decoding is remembered in it.
type Message struct {
	buf     []byte
	fields  []field
	first   [numHeaders]uint16 // 1 + index of the first field with this ID
	last    [numHeaders]uint16
	request bool
	method  Method
	status  uint16
	text    extent // method of a request, reason phrase of a response
	target  extent // Request-URI as written
	body    extent
	surplus int   // bytes behind the body, not looked at
	fault   fault // first thing found wrong while parsing
	answer  Answer

	decoded decoded
	uri     URI
	uriErr  error
	cseq    CSeq
	cseqErr error
	vias    []Via
	viaErr  error
	addrs   [numAddrLists]addrList
}

// extent is a piece of the buffer. MaxMessage fits into 16 bits.
type extent struct{ off, end uint16 }

// field is one header field line.
type field struct {
	name, value extent
	id          HeaderID
	next        uint16 // 1 + index of the next field with the same ID
}

// decoded tells which values have been decoded already.
type decoded uint8

const (
	decodedURI decoded = 1 << iota
	decodedCSeq
	decodedTopVia
	decodedVias
)

// addrList is one header's addresses, decoded.
type addrList struct {
	done bool
	list []NameAddr
	err  error
}

// Field is one header field line, unfolded and trimmed.
type Field struct {
	ID    HeaderID
	Name  []byte // as received, in whatever case or form
	Value []byte
}

func (m *Message) at(e extent) []byte { return m.buf[e.off:e.end:e.end] }

// Bytes gives the whole message from its start line on (with folded lines unfolded in place).
func (m *Message) Bytes() []byte { return m.buf }

// Surplus tells how many bytes stood behind the body in the same datagram. They are ignored (RFC 3261 §18.3).
func (m *Message) Surplus() int { return m.surplus }

// IsRequest tells requests from responses.
func (m *Message) IsRequest() bool { return m.request }

// IsResponse is the opposite of IsRequest.
func (m *Message) IsResponse() bool { return !m.request }

// Method gives a request's method, or the method in a response's CSeq.
func (m *Message) Method() Method {
	if m.request {
		return m.method
	}
	return m.CSeq().Method
}

// MethodText gives a request's method as written, also when it is unknown.
func (m *Message) MethodText() []byte {
	if m.request {
		return m.at(m.text)
	}
	return m.CSeq().MethodText
}

// Status gives a response's status code (100–699), 0 for a request.
func (m *Message) Status() int { return int(m.status) }

// ReasonPhrase gives a response's reason phrase as written; it may be empty, and it is anybody's text.
func (m *Message) ReasonPhrase() []byte {
	if m.request {
		return nil
	}
	return m.at(m.text)
}

// Body gives the body; empty if there is none.
func (m *Message) Body() []byte { return m.at(m.body) }

// Has tells whether the header field is present.
func (m *Message) Has(id HeaderID) bool { return m.first[id] != 0 }

// Value gives the first value line of a header field, unfolded and trimmed; nil if there is none.
func (m *Message) Value(id HeaderID) []byte {
	i := m.first[id]
	if i == 0 || id == HeaderUnknown {
		return nil
	}
	return m.at(m.fields[i-1].value)
}

// Header walks over the value lines of a header field, top to bottom. One line can hold several values
// separated by commas: Addrs, Vias and List take them apart.
func (m *Message) Header(id HeaderID) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := m.first[id]; i != 0; i = m.fields[i-1].next {
			if !yield(m.at(m.fields[i-1].value)) {
				return
			}
		}
	}
}

// Fields walks over all header field lines, top to bottom.
func (m *Message) Fields() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for _, f := range m.fields {
			if !yield(Field{ID: f.id, Name: m.at(f.name), Value: m.at(f.value)}) {
				return
			}
		}
	}
}

// Named gives the first value line of a header field that has no HeaderID, by its name in any case.
func (m *Message) Named(name string) []byte {
	if id := LookupHeader([]byte(name)); id != HeaderUnknown {
		return m.Value(id)
	}
	for i := m.first[HeaderUnknown]; i != 0; i = m.fields[i-1].next {
		if equalFold(m.at(m.fields[i-1].name), name) {
			return m.at(m.fields[i-1].value)
		}
	}
	return nil
}

// Clone gives a copy that owns its bytes: it stays when the buffer goes back to its pool.
func (m *Message) Clone() *Message {
	c := &Message{
		buf:     append([]byte(nil), m.buf...),
		fields:  append([]field(nil), m.fields...),
		first:   m.first,
		last:    m.last,
		request: m.request,
		method:  m.method,
		status:  m.status,
		text:    m.text,
		target:  m.target,
		body:    m.body,
		surplus: m.surplus,
		fault:   m.fault,
	}
	return c
}

// Reset forgets the message and lets go of its bytes; the room for fields and lists stays.
func (m *Message) Reset() {
	m.buf = nil
	m.fields = m.fields[:0]
	m.first = [numHeaders]uint16{}
	m.last = [numHeaders]uint16{}
	m.request, m.method, m.status = false, MethodUnknown, 0
	m.text, m.target, m.body = extent{}, extent{}, extent{}
	m.surplus = 0
	m.fault = faultNone
	m.forget()
}

// forget drops the decoded values.
func (m *Message) forget() {
	m.decoded = 0
	for i := range m.addrs {
		m.addrs[i].done = false
	}
}
