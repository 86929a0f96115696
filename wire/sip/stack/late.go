package stack

import (
	"hash/maphash"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// lateInvite is what an INVITE of ours keeps with its 2xx when its call is
// over: retransmissions of the 2xx are still acknowledged, and a call that
// forked (RFC 3261 §13.2.2.4) is hung up on whoever else answers. All it takes
// for that stands in the 2xx, so that a busy unit has no thousands of ended
// calls in its memory.
type lateInvite struct {
	line *Line
	tag  uint64 // hash of the tag of who was in the call, or was hung up on last
}

// heard notes the sender of a 2xx: it is acknowledged from now on, and not hung
// up on again.
func (l *lateInvite) heard(sh *Shard, m *sip.Message) { l.tag = maphash.Bytes(sh.lateSeed, m.To().Tag) }

// retire has the INVITEs of a session that is over keep no more than they
// must, also one whose 2xx has just ended the session: what is still to be done
// about that takes nothing from the request.
func (sh *Shard) retire(se *Session) {
	for _, r := range se.requests {
		tx := r.tx
		if r.head.Method != sip.INVITE || !r.over || tx == nil || !tx.listed {
			continue
		}
		// One that was refused repeats its ACK, which is ready, and no more.
		tx.late = lateInvite{line: r.line, tag: maphash.String(sh.lateSeed, se.core.Dialog().RemoteTag)}
		tx.part()
	}
}

// lateSuccess answers a 2xx that came when the call was over.
func (tx *clientTx) lateSuccess(m *sip.Message) {
	sh := tx.sh
	d, err := dialog.FromSuccess(m)
	if err != nil {
		return // it can't be reached
	}
	head := d.Ack(m.CSeq().Number)
	f := sh.way(tx.flow, tx.late.line, head.Next)
	if !sh.mayGo(&f, head.URI) {
		return
	}
	msg, err := sh.buildRequest(&f, sh.newBranch(), &head, maxForwards, contact{}, nil, session.Body{})
	if err == nil {
		sh.send(msg, &f, branch{})
	}
	if maphash.Bytes(sh.lateSeed, m.To().Tag) == tx.late.tag {
		return
	}
	tx.late.heard(sh, m)
	bye := &request{sh: sh, line: tx.late.line, head: d.Request(sip.BYE), maxForwards: maxForwards, place: f}
	next := bye.head.Next
	if next == "" && bye.line != nil {
		next = bye.line.nextHop(bye.head.Routes, bye.head.URI)
	}
	bye.launch(next)
}
