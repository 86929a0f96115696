package stack

// way is the flow to the next hop of a request inside the dialog. On a line
// it is where the hop's URI says. On the phone side it is where the phone
// speaks from, which holds behind NAT too; but a phone that is not behind NAT
// (its URI has the address it speaks from) may listen on another port than it
// sends from, and is reached there.
func (se *Session) way(next string) flow { return se.sh.way(se.flow, se.line, next) }

// way is Session.way for a flow known so far.
func (sh *Shard) way(f flow, line *Line, next string) flow {
	if next == "" || f.conn != nil && line == nil {
		return f
	}
	u, err := sh.readURI(next)
	if err != nil {
		return f
	}
	t, ok := targetOf(u, f.listener.Transport)
	switch {
	case !ok:
	case line != nil:
		if g, ok := line.flowTo(t); ok {
			return g
		}
	case t.Addr.Addr() == f.remote.Addr():
		f.remote = t.Addr
	}
	return f
}
