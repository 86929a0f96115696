package cli

import (
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// The list of calls shows the worst that a leg had, either way.
func TestSoundOfACall(t *testing.T) {
	for _, c := range []struct {
		legs []fact.Sound
		want string
	}{
		{nil, ""},
		{[]fact.Sound{{Received: 100, Sent: 100}}, "0.0% 0s"},
		{[]fact.Sound{{Received: 90, Lost: 10, JitterUS: 1400}, {Sent: 9, PeerJitterUS: 6600}}, "10.0% 7ms"},
		{[]fact.Sound{{Received: 100, Sent: 200, PeerLost: 1}}, "0.5% 0s"},
		{[]fact.Sound{{Received: 1, Sent: 1, PeerLost: 1 << 20}}, "100.0% 0s"}, // no peer can say more
		{[]fact.Sound{{Received: 1, Lost: -1, PeerLost: -5, Sent: 1}}, "0.0% 0s"},
	} {
		if got := sound(c.legs); got != c.want {
			t.Errorf("%+v: %q, want %q", c.legs, got, c.want)
		}
	}
}
