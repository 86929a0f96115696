package sip

import (
	"bytes"
	"net/netip"
)

// Response begins a response to a request: status line, every Via, From, To, Call-ID, CSeq (RFC 3261 §8.2.6.2),
// Timestamp in a 100 (§8.2.6.1), and Record-Route where the response can make a dialog (§12.1.1). The caller
// goes on with Contact and what else there is, and Finish.
//
// tag is put into To where the request had none; a 100 gets none. source is where the request came from: it
// becomes "received" and "rport" of the top Via (§18.2.1, RFC 3581 §4); the zero AddrPort leaves Via as it is.
// These values are copied, they go back to whom they came from. It works for requests that Validate refused,
// too, as far as they can be copied.
func (b *Builder) Response(m *Message, status int, phrase string, tag []byte, source netip.AddrPort) {
	b.Status(status, phrase)
	if status == 100 {
		tag = nil
	}
	b.core(m, tag, source)
	if status == 100 {
		b.timestamp(m)
	}
	if status > 100 && status < 300 {
		b.routes(m)
	}
}

// core writes what every response copies of its request, and gives the index where To ends.
func (b *Builder) core(m *Message, tag []byte, source netip.AddrPort) (to int) {
	b.copyVias(m, source)
	for _, id := range [...]HeaderID{HeaderFrom, HeaderTo, HeaderCallID, HeaderCSeq} {
		if !m.Has(id) {
			continue
		}
		b.name(id)
		b.echo(m.Value(id))
		if id == HeaderTo {
			if len(tag) > 0 {
				b.toTag(m, tag)
			}
			to = len(b.buf)
		}
		b.end()
	}
	return to
}

func (b *Builder) timestamp(m *Message) {
	if m.Has(HeaderTimestamp) {
		b.echoField(HeaderTimestamp, m.Value(HeaderTimestamp))
	}
}

// routes copies Record-Route for the response that can make a dialog.
func (b *Builder) routes(m *Message) {
	if !m.makesDialog() {
		return
	}
	for v := range m.Header(HeaderRecordRoute) {
		b.echoField(HeaderRecordRoute, v)
	}
}

// Echo is what the responses to one request copy of it, kept when the request itself is gone. The zero Echo is of
// no request.
type Echo struct {
	bytes             []byte
	to                int // where To ends, for our tag
	timestamp, routes int // where Timestamp and Record-Route begin
	tagged            bool
	unrouted          bool  // Record-Route can't be copied: no dialog
	err               error // why the request can't be answered
}

// NewEcho takes what responses need of a request; source is as in Response. The Echo owns room, which is written over,
// from then on.
func NewEcho(room []byte, m *Message, source netip.AddrPort) Echo {
	b := Builder{buf: room[:0]}
	e := Echo{to: b.core(m, nil, source)}
	e.timestamp, e.err = len(b.buf), b.err
	if b.timestamp(m); b.err != nil {
		b.buf, b.err = b.buf[:e.timestamp], nil // a 100 does without
	}
	e.routes = len(b.buf)
	if b.routes(m); b.err != nil {
		b.buf, e.unrouted = b.buf[:e.routes], true
	}
	to := m.Addr(HeaderTo)
	e.bytes, e.tagged = b.buf, to == nil || to.Tag != nil
	return e
}

// Bytes gives the room that the Echo was written to, to be used again when it is over; nil of the zero Echo.
func (e *Echo) Bytes() []byte { return e.bytes }

// Respond begins a response to the request of an Echo, as Response does to a request.
func (b *Builder) Respond(e *Echo, status int, phrase string, tag []byte) {
	if e.err != nil || e.bytes == nil {
		b.fail(ErrBadValue)
	}
	b.Status(status, phrase)
	if status == 100 {
		b.buf = append(b.buf, e.bytes[:e.routes]...)
		return
	}
	b.buf = append(b.buf, e.bytes[:e.to]...)
	if len(tag) > 0 && !e.tagged {
		if !token(tag) {
			b.fail(ErrBadValue)
			return
		}
		b.buf = append(append(b.buf, ";tag="...), tag...)
	}
	b.buf = append(b.buf, e.bytes[e.to:e.timestamp]...)
	if status < 300 {
		if e.unrouted {
			b.fail(ErrUnsafe)
		}
		b.buf = append(b.buf, e.bytes[e.routes:]...)
	}
}

// makesDialog tells the requests whose success makes a dialog.
func (m *Message) makesDialog() bool {
	return m.method == INVITE || m.method == SUBSCRIBE || m.method == REFER || m.method == NOTIFY
}

// echo copies a value back to its sender. Control characters in quoted pairs go back as they came; what would
// end a line can't be in a parsed value, and is refused once more here.
func (b *Builder) echo(v []byte) {
	if bytes.IndexByte(v, '\r') >= 0 || bytes.IndexByte(v, '\n') >= 0 {
		b.fail(ErrUnsafe)
		return
	}
	b.buf = append(b.buf, v...)
}

// toTag appends our tag to the To just written, if it is well formed and has none.
func (b *Builder) toTag(m *Message, tag []byte) {
	to := m.Addr(HeaderTo)
	if to == nil || to.Tag != nil {
		return
	}
	if !token(tag) {
		b.fail(ErrBadValue)
		return
	}
	b.buf = append(append(b.buf, ";tag="...), tag...)
}

// copyVias copies all Via lines and puts received and rport into the first value.
func (b *Builder) copyVias(m *Message, source netip.AddrPort) {
	first := source.IsValid()
	for v := range m.Header(HeaderVia) {
		b.name(HeaderVia)
		if first {
			first = false
			v = b.topVia(m, v, source)
		}
		b.echo(v)
		b.end()
	}
}

// topVia writes the first Via with received and rport, and gives what follows it in the same line.
func (b *Builder) topVia(m *Message, line []byte, source netip.AddrPort) (rest []byte) {
	via := m.TopVia()
	if via.Raw == nil {
		return line // malformed: it goes back as it came
	}
	addr := source.Addr().Unmap().WithZone("")
	b.echo(line[:len(via.Raw)-len(via.Params)])
	at := 0
	for _, said := range via.source[:via.sources] { // by whom it came through; we say what we saw
		b.echo(via.Params[at:said.off])
		at = int(said.end)
	}
	b.echo(via.Params[at:])
	if host, ok := HostAddr(via.Host); !ok || host != addr || via.RPort {
		// RFC 3581 §4: with rport, received is there even if it says the same.
		b.buf = addr.AppendTo(append(b.buf, ";received="...))
	}
	if via.RPort {
		b.buf = appendUint(append(b.buf, ";rport="...), uint64(source.Port()))
	}
	return line[len(via.Raw):]
}

// Cancel writes the head of the CANCEL for an INVITE that we sent (RFC 3261 §9.1): the same target, top Via,
// Route, From, To, Call-ID and CSeq number. The caller may add a Reason, and finishes.
func (b *Builder) Cancel(invite *Message) {
	b.sameHop(invite, CANCEL, invite.Value(HeaderTo))
}

// AckFailure writes the head of the ACK for a final response of 300 or more to an INVITE that we sent
// (RFC 3261 §17.1.1.3): as Cancel, but To is the response's.
func (b *Builder) AckFailure(invite, response *Message) {
	b.sameHop(invite, ACK, response.Value(HeaderTo))
}

// sameHop writes a request that follows the INVITE it belongs to.
func (b *Builder) sameHop(invite *Message, method Method, to []byte) {
	b.buf = append(append(b.buf, method.String()...), ' ')
	b.echo(invite.RequestTarget())
	b.buf = append(b.buf, " SIP/2.0\r\n"...)
	via := invite.TopVia()
	if via.Raw == nil || len(to) == 0 {
		b.fail(ErrBadValue)
	}
	b.echoField(HeaderVia, via.Raw)
	for v := range invite.Header(HeaderRoute) {
		b.echoField(HeaderRoute, v)
	}
	b.Uint(HeaderMaxForwards, defaultMaxForwards)
	b.echoField(HeaderFrom, invite.Value(HeaderFrom))
	b.echoField(HeaderTo, to)
	b.echoField(HeaderCallID, invite.CallID())
	b.CSeq(invite.CSeq().Number, method)
}

// echoField copies one header field.
func (b *Builder) echoField(id HeaderID, v []byte) {
	b.name(id)
	b.echo(v)
	b.end()
}
