package media

import (
	"fmt"
	"net/netip"

	"github.com/sekisho/sekisho/wire/sdp"
)

// Cast has the leg send to a group of hosts (multicast), in µ-law, whatever it is to
// hear. Nothing is agreed with anybody there, and nothing comes from there. It is for
// addresses that the unit's owner has set; no peer can have its media go to a group.
func (l *Leg) Cast(to netip.AddrPort) error {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case !to.Addr().IsMulticast() || to.Port() < portMin || to.Addr().Is4() != l.pair.RTP.Local().Addr().Is4():
		return fmt.Errorf("cast to %s: %w", to, ErrState)
	}
	mu := sdp.Codec{PT: 0, Name: "PCMU", Rate: 8000, Channels: 1}
	p := &path{remote: to, send: true, formats: []format{{Codec: mu}}, learn: LearnNothing}
	p.index()
	l.now = &agreement{formats: p.formats, local: sdp.SendOnly, remote: sdp.RecvOnly, ptimeMS: 20}
	s := l.stream
	s.loop.post(func() {
		if !s.gone {
			s.setPath(p)
		}
	})
	return nil
}
