package ground

import (
	"context"
	"encoding/binary"
	"net"
	"time"

	"github.com/sekisho/sekisho/wire/sdp"
)

const (
	rtpHeader = 12
	rtpFrame  = 160 // G.711, 20 ms
)

// speak sends some voice from the phone of a call until it is over: a unit ends a
// call from whose side nothing comes. The callee echoes it.
func (p *player) speak(c *live) {
	ctx, hush := context.WithCancel(p.ctx)
	c.hush = hush
	to := mediaOf(c.call.Answer())
	if to == nil {
		return
	}
	p.wait.Go(func() {
		tick := time.NewTicker(voiceEvery)
		defer tick.Stop()
		packet := make([]byte, rtpHeader+rtpFrame)
		packet[0] = 0x80
		binary.BigEndian.PutUint64(packet[4:], c.event.Call)
		for n := uint16(0); ; n++ {
			binary.BigEndian.PutUint16(packet[2:], n)
			_, _ = c.mouth.WriteTo(packet, to) // a lost packet is a lost packet
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			case <-p.over:
				return
			}
		}
	})
}

// mediaOf is where a description wants its voice; nil for nowhere.
func mediaOf(body []byte) net.Addr {
	s, err := sdp.Parse(body)
	if err != nil {
		return nil
	}
	for i := range s.Media {
		if to := s.Media[i].Remote(); s.Media[i].Type == "audio" && to.IsValid() {
			return net.UDPAddrFromAddrPort(to)
		}
	}
	return nil
}
