package stack

import "github.com/sekisho/sekisho/wire/sip"

// Expect gives a fresh tag of ours, by which a dialog is known that no session and no
// subscription of the shard holds: what comes inside it, from whoever the authenticator
// lets in, is given to the Handler as what comes outside of any. The Handler tells whether
// it belongs there. On the loop; ErrFull where there are as many as may be.
func (sh *Shard) Expect() (tag string, err error) {
	if len(sh.expected) >= expectedMax {
		return "", ErrFull
	}
	tag = sh.newTag()
	sh.expected[tag] = true
	return tag, nil
}

// Unexpect has what comes inside such a dialog belong to nothing again.
func (sh *Shard) Unexpect(tag string) { delete(sh.expected, tag) }

// insideExpected takes a request inside a dialog that the Handler keeps.
func (sh *Shard) insideExpected(m *sip.Message, f flow, key txKey) {
	if f.listener.Side != PhoneSide || m.Method() == sip.INVITE {
		sh.unknown(m, f)
		return
	}
	id, ok := sh.admit(m, f)
	if !ok {
		return
	}
	tx := sh.newServer(m, f, key, 0)
	if tx == nil {
		return
	}
	sh.ask(tx, m, id, "")
	sh.handledAll()
}
