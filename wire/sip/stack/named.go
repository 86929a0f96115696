package stack

import (
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// Named finds the session of a phone whose dialog a Replaces header field names, nil
// for none.
func (sh *Shard) Named(r sip.Replaces) *Session {
	se := sh.sessions[string(r.ToTag)]
	if se == nil || se.side != PhoneSide || se.core == nil || !se.core.Names(r) {
		return nil
	}
	return se
}

// Name is by what a Replaces header field names the session's dialog (RFC 3891):
// that of the answer, or the one that rang last; empty before there is one.
func (se *Session) Name() dialog.ID { return se.core.Name() }

// Identify tells the peer who it talks with now, as a name-addr.
func (se *Session) Identify(who string) error {
	defer se.flush()
	return se.core.Identify(se.sh.now, who)
}
