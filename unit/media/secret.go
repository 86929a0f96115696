package media

// secret is what of a peer's the other leg must not hear: what it types for the
// unit alone. The zero secret keeps nothing.
type secret struct {
	on    bool
	typed bool   // its voice is kept, too: a phone may have its keys sound in it
	known bool   // a key was kept
	key   uint32 // timestamp of the last one
}

// keeps tells whether a packet is not passed on. A key that was kept is so to its
// last packet, which may come after all is over (RFC 4733 §2.5.1.4).
func (s *secret) keeps(event bool, timestamp uint32) bool {
	switch {
	case event && s.on:
		s.typed, s.known, s.key = true, true, timestamp
		return true
	case event:
		return s.known && s.key == timestamp
	}
	return s.typed
}

// keepSecret begins, or ends, to keep what the peer types.
func (s *stream) keepSecret(on bool) {
	if s.gone || s.secret.on == on {
		return
	}
	s.secret.on = on
	s.secret.typed = on && (s.path == nil || s.path.digits < 0)
	if s.to != nil && s.to.out.source.stream == s {
		s.to.out.source = source{} // what was kept is no loss
	}
}
