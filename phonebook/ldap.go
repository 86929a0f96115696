package phonebook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/sekisho/sekisho/number/book"
)

// What LDAP calls its messages (RFC 4511 §4.2 to §4.14): the tags of APPLICATION.
const (
	opBind         = 0
	opBindAnswer   = 1
	opUnbind       = 2
	opSearch       = 3
	opEntry        = 4
	opSearchDone   = 5
	opModify       = 6
	opModifyDN     = 12
	opCompare      = 14
	opAbandon      = 16
	opExtended     = 23
	opExtendAnswer = 24
)

// Result codes (RFC 4511 appendix A).
const (
	resultSuccess      = 0
	resultProtocol     = 2
	resultSizeLimit    = 4
	resultCompareFalse = 5
	resultAuthMethod   = 7
	resultWrong        = 49 // invalidCredentials
	resultNoRight      = 50 // insufficientAccessRights
	resultUnwilling    = 53
)

var errRequest = errors.New("malformed request of LDAP")

// ServeLDAP answers on a listener until ctx ends; it closes the listener.
func (s *Server) ServeLDAP(ctx context.Context, ln net.Listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() }) // Accept says so
	defer stop()
	for {
		c, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("telephone book over LDAP: %w", err)
		}
		from, err := netip.ParseAddrPort(c.RemoteAddr().String())
		if err != nil || !s.enter(from.Addr().Unmap()) {
			_ = c.Close() // nobody is told why: there is no room even for that
			continue
		}
		open.Go(func() {
			defer s.leave(from.Addr().Unmap())
			s.talk(ctx, c, from.Addr().Unmap())
		})
	}
}

// reader is one connection.
type reader struct {
	s         *Server
	c         net.Conn
	from      netip.Addr
	extension string
	signedIn  bool
}

// talk answers what a reader asks until it leaves.
func (s *Server) talk(ctx context.Context, c net.Conn, from netip.Addr) {
	defer context.AfterFunc(ctx, func() { _ = c.Close() })() // a read that waits ends
	defer func() { _ = c.Close() }()
	r := &reader{s: s, c: c, from: from}
	in := bufio.NewReaderSize(c, 1<<10)
	for {
		wait := IdleMax
		if !r.signedIn {
			wait = SignInMax
		}
		if c.SetDeadline(time.Now().Add(wait)) != nil {
			return
		}
		p, err := ber.ReadPacket(io.LimitReader(in, RequestMax))
		if err == nil {
			err = r.answer(ctx, p)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				s.cfg.Log.DebugContext(ctx, "telephone book over LDAP ended", "source", from, "error", err)
			}
			return
		}
	}
}

// answer answers one message; io.EOF ends the connection.
func (r *reader) answer(ctx context.Context, p *ber.Packet) error {
	if len(p.Children) < 2 || p.Tag != ber.TagSequence {
		return errRequest
	}
	id, ok := p.Children[0].Value.(int64)
	op := p.Children[1]
	if !ok || id < 0 || op.ClassType != ber.ClassApplication {
		return errRequest
	}
	switch op.Tag {
	case opBind:
		return r.bind(ctx, id, op)
	case opSearch:
		return r.search(id, op)
	case opUnbind:
		return io.EOF
	case opAbandon: // a search is over before it could be
		return nil
	case opExtended:
		return r.result(id, opExtendAnswer, resultProtocol, "no such operation")
	case opCompare:
		return r.result(id, opCompare+1, resultCompareFalse, "")
	}
	if op.Tag >= opModify && op.Tag <= opModifyDN && op.Tag%2 == 0 {
		return r.result(id, op.Tag+1, resultNoRight, "the book is only to be read")
	}
	return errRequest
}

// bind signs in. Without a secret nobody does (RFC 4513 §5.1.2).
func (r *reader) bind(ctx context.Context, id int64, op *ber.Packet) error {
	if len(op.Children) < 3 {
		return errRequest
	}
	r.signedIn = false
	auth := op.Children[2]
	if auth.ClassType != ber.ClassContext || auth.Tag != 0 {
		return r.result(id, opBindAnswer, resultAuthMethod, "simple only")
	}
	user, secret := userOf(text(op.Children[1])), text(auth)
	extension, a := r.s.signIn(ctx, user, secret, r.from)
	switch a {
	case Dropped:
		return io.EOF
	case Refused:
		return r.result(id, opBindAnswer, resultWrong, "")
	}
	r.extension, r.signedIn = extension, true
	return r.result(id, opBindAnswer, resultSuccess, "")
}

// userOf is the user of a name: the name itself, or the first value of a DN.
func userOf(name string) string {
	first, _, _ := strings.Cut(name, ",")
	if _, value, ok := strings.Cut(first, "="); ok {
		return value
	}
	return name
}

// search gives the entries that fit. Base and scope only say which book.
func (r *reader) search(id int64, op *ber.Packet) error {
	if !r.signedIn {
		return r.result(id, opSearchDone, resultNoRight, "sign in first")
	}
	if len(op.Children) < 8 {
		return errRequest
	}
	most, ok := op.Children[3].Value.(int64)
	terms := 0
	f, err := parseFilter(op.Children[6], 0, &terms)
	if !ok || err != nil {
		return r.result(id, opSearchDone, resultProtocol, "filter is not understood, or too large")
	}
	if most <= 0 || most > FoundMax {
		most = FoundMax
	}
	wanted := make([]string, 0, len(op.Children[7].Children))
	for _, a := range op.Children[7].Children {
		wanted = append(wanted, strings.ToLower(text(a)))
	}
	kind := kindOf(text(op.Children[0]))
	found, more := r.s.fitting(kind, r.extension, &f, int(most))
	for _, e := range found {
		if err := r.send(id, entry(e, kind, r.s.cfg.Base, wanted)); err != nil {
			return err
		}
	}
	if more {
		return r.result(id, opSearchDone, resultSizeLimit, "")
	}
	return r.result(id, opSearchDone, resultSuccess, "")
}

// fitting gives the first entries of a book that a filter wants, and whether there are
// more. One reader at a time looks, lest they take more than one core from those who
// talk.
func (s *Server) fitting(kind Kind, extension string, f *filter, most int) (found []book.Entry, more bool) {
	all := s.cfg.Library.Entries(kind, extension) // before: it may wait for the disk
	s.searching.Lock()
	defer s.searching.Unlock()
	for _, e := range all {
		if !f.fits(fold(attributes(e))) {
			continue
		}
		if len(found) == most {
			return found, true
		}
		found = append(found, e)
	}
	return found, false
}

// kindOf is the book that a base names: ou=common, ou=own, ou=missed and so on, else all.
func kindOf(base string) Kind {
	for rdn := range strings.SplitSeq(strings.ToLower(base), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(rdn), "=")
		switch k := Kind(strings.TrimSpace(value)); {
		case strings.TrimSpace(name) == "ou" && slices.Contains(kinds, k):
			return k
		}
	}
	return All
}

// result sends how an operation ended.
func (r *reader) result(id int64, op ber.Tag, code int, said string) error {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	p.AppendChild(octets(""))
	p.AppendChild(octets(said))
	return r.send(id, p)
}

func (r *reader) send(id int64, op *ber.Packet) error {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	if _, err := r.c.Write(p.Bytes()); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// text is the content of an element that is no sequence.
func text(p *ber.Packet) string {
	if p.Data == nil {
		return ""
	}
	return p.Data.String()
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}
