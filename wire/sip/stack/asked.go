package stack

import (
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Request is a request outside a session that waits for its response. Once
// the final response is given and the Handler's call has returned, it is used
// again for another: nobody keeps it longer.
type Request struct {
	// Message is the request. It is good until the Handler's call returns,
	// and nil afterwards, unless Keep was called.
	Message *sip.Message

	sh       *Shard
	tx       uint64
	source   edge.Source
	identity edge.Identity
	line     string
	tag      [statelessTagLen]byte // of its response
	kept     bool
}

// ask hands a request to the Handler.
func (sh *Shard) ask(tx *serverTx, m *sip.Message, id edge.Identity, line string) {
	r := sh.spareRequest
	sh.spareRequest = nil
	if r == nil {
		r = new(Request)
	}
	*r = Request{Message: m, sh: sh, tx: tx.id, source: sh.stack.sourceOf(&tx.flow), identity: id, line: line}
	copy(r.tag[:], sh.statelessTag(m))
	sh.stack.cfg.Handler.Request(sh, r)
	if !r.kept {
		r.Message = nil
	}
	if sh.serverOf(r.tx) == nil {
		r.tx, sh.spareRequest = 0, r
	}
}

// Shard is the shard that owns the request.
func (r *Request) Shard() *Shard { return r.sh }

// From is where the request came from.
func (r *Request) From() edge.Source { return r.source }

// Identity is who sent it, on the phone side.
func (r *Request) Identity() edge.Identity { return r.identity }

// Line is the line it came from; "" on the phone side.
func (r *Request) Line() string { return r.line }

// Keep makes Message good beyond the Handler's call.
func (r *Request) Keep() {
	if !r.kept && r.Message != nil {
		r.kept = true
		r.Message = r.Message.Clone()
	}
}

// Respond gives the response: once a final one, from 200 to 699, within 32 s.
// An empty phrase is the RFC's.
func (r *Request) Respond(status int, phrase string, headers ...session.Header) error {
	tx := r.sh.serverOf(r.tx)
	if tx == nil {
		return transaction.ErrAnswered
	}
	return tx.respond(&session.Effect{Status: status, Phrase: phrase, Headers: headers}, r.tag[:])
}
