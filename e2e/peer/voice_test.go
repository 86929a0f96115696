package peer

import (
	"net"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/internal/sound"
)

// TestVoice lets two voices speak to each other: each hears the other's tone
// and not its own, without loss, and with next to no delay.
func TestVoice(t *testing.T) {
	t.Parallel()
	a, b := NewVoice(socket(t), 440, 1), NewVoice(socket(t), 1050, 2)
	defer a.Close()
	defer b.Close()
	a.SpeakTo(b.Local())
	b.SpeakTo(a.Local())
	const packets = 50
	deadline := time.Now().Add(10 * time.Second)
	for (a.Heard().Packets < packets || b.Heard().Packets < packets) && time.Now().Before(deadline) {
		time.Sleep(pollPeriod)
	}
	for name, pair := range map[string]struct {
		from, to *Voice
		hz       float64
	}{"a to b": {a, b, 440}, "b to a": {b, a, 1050}} {
		ear := pair.to.Heard()
		_, at := pair.from.Spoken()
		h := sound.Hear(ear.Sound, pair.hz)
		if h.Present < 900*time.Millisecond || h.LevelDB < -12.5 || ear.Lost != 0 || ear.LoudAt.Sub(at) > time.Second {
			t.Errorf("%s: heard %v, lost %d, delay %v", name, h, ear.Lost, ear.LoudAt.Sub(at))
		}
		if own := sound.Hear(ear.Sound, 1490-pair.hz); own.Present != 0 {
			t.Errorf("%s: the listener hears itself: %v", name, own)
		}
	}
}

func socket(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
