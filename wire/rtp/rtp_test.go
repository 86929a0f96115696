package rtp

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	pion "github.com/pion/rtp"
)

func TestHeader(t *testing.T) {
	p := append([]byte{0x80, 0x88, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8}, 'v')
	h, err := Parse(p)
	want := Header{Marker: true, PT: 8, Seq: 0x1234, Timestamp: 0x01020304, SSRC: 0x05060708, Size: 12}
	if err != nil || h != want {
		t.Fatalf("%+v: %v", h, err)
	}
	q := make([]byte, 12)
	want.Put(q)
	if !bytes.Equal(q, p[:12]) {
		t.Errorf("%x, want %x", q, p[:12])
	}
}

func TestPacketsRefused(t *testing.T) {
	whole := []byte{0xb2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 'v', 2}
	h, err := Parse(whole)
	if err != nil || h.Size != 28 || h.Padding != 2 {
		t.Fatalf("%+v: %v", h, err)
	}
	for n := range 28 {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("%d bytes are a packet", n)
		}
	}
	for name, p := range map[string][]byte{
		"version 1":         {0x40, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
		"padding of 0":      {0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0},
		"too much padding":  {0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2},
		"padding, no bytes": {0xa0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
	} {
		if _, err := Parse(p); err == nil {
			t.Errorf("%s is a packet", name)
		}
	}
}

func TestStrip(t *testing.T) {
	p := []byte{0xb2, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1, 1, 2, 2, 2, 2, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 'v', 2}
	h, err := Parse(p)
	if err != nil {
		t.Fatal(err)
	}
	q := Strip(p, h)
	if want := []byte{0xa0, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'v', 2}; !bytes.Equal(q, want) {
		t.Errorf("%x, want %x", q, want)
	}
}

func TestRTCPIsTold(t *testing.T) {
	if !IsRTCP(AppendReport(nil, 1, nil)) || !IsRTCP([]byte{0x80, 205, 0, 1, 0, 0, 0, 1}) {
		t.Error("RTCP is taken for RTP")
	}
	for _, pt := range []byte{0, 8, 96, 127, 0x80, 0x80 | 8, 0x80 | 96} {
		if IsRTCP([]byte{0x80, pt, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}) {
			t.Errorf("payload type %d is taken for RTCP", pt)
		}
	}
}

func TestReceiver(t *testing.T) {
	var r Receiver
	now := time.Unix(1_700_000_000, 0)
	take := func(ssrc uint32, seq uint16) Fate {
		now = now.Add(20 * time.Millisecond)
		return r.Take(Header{SSRC: ssrc, Seq: seq, Timestamp: uint32(seq) * 160}, 160, 8000, now)
	}
	for i, c := range []struct {
		ssrc uint32
		seq  uint16
		want Fate
		lost int64
	}{
		{1, 65533, Restart, 0},
		{1, 65534, Fresh, 0},
		{1, 65534, Again, 0},
		{1, 0, Fresh, 1},       // 65535 is missing, over the end of 16 bits
		{1, 65535, Fresh, 0},   // it was only late
		{1, 65535, Again, 0},   // twice
		{1, 65532, Again, 0},   // from before the first
		{1, 5, Fresh, 4},       // 1–4 are missing
		{1, 20000, Jump, 4},    // nonsense, or a restart?
		{1, 6, Fresh, 4},       // nonsense
		{1, 30000, Jump, 4},    // again
		{1, 30001, Restart, 4}, // a restart
		{2, 7, Restart, 4},     // another source
		{2, 8, Fresh, 4},
		{2, 90, Fresh, 85},
		{2, 10, Again, 85}, // too late to tell
	} {
		if got := take(c.ssrc, c.seq); got != c.want || r.Lost() != c.lost {
			t.Errorf("%d: seq %d is %d, want %d; lost %d, want %d", i, c.seq, got, c.want, r.Lost(), c.lost)
		}
	}
	if r.Reordered != 1 || r.Duplicates != 4 {
		t.Errorf("%d reordered, %d duplicates", r.Reordered, r.Duplicates)
	}
	b, ok := r.Report()
	if !ok || b.SSRC != 2 || b.HighestSeq != 90 || b.Lost != 81 || b.FractionLost != 246 {
		t.Errorf("%+v", b)
	}
	take(2, 91)
	if b, _ = r.Report(); b.FractionLost != 0 || b.Lost != 81 {
		t.Errorf("a new interval: %+v", b)
	}
}

func TestJitter(t *testing.T) {
	var r Receiver
	now := time.Unix(1_700_000_000, 0)
	for i := range 500 {
		at := now.Add(time.Duration(i) * 20 * time.Millisecond)
		if i%2 == 1 {
			at = at.Add(8 * time.Millisecond) // every other packet is 8 ms late
		}
		r.Take(Header{Seq: uint16(i), Timestamp: uint32(i) * 160}, 160, 8000, at)
	}
	if j := r.Jitter(); j < 7900*time.Microsecond || j > 8100*time.Microsecond {
		t.Errorf("jitter %v, want 8 ms", j)
	}
	var steady Receiver
	for i := range 500 {
		at := now.Add(time.Duration(i) * 20 * time.Millisecond)
		steady.Take(Header{Seq: uint16(i), Timestamp: uint32(i) * 160}, 160, 8000, at)
	}
	if j := steady.Jitter(); j != 0 {
		t.Errorf("jitter %v without any", j)
	}
}

func TestReports(t *testing.T) {
	block := ReportBlock{SSRC: 9, FractionLost: 3, Lost: -5, HighestSeq: 1 << 17, Jitter: 8, LastSR: 7, Delay: 6}
	info := SenderInfo{NTP: NTP(time.Unix(1, 500_000_000)), RTPTime: 2, Packets: 3, Octets: 4}
	p := AppendReport(nil, 1, &info, block, block)
	p = AppendCNAME(p, 1, "name")
	p = AppendBye(p, 1)
	var r RTCP
	if err := ParseRTCP(p, &r); err != nil {
		t.Fatal(err)
	}
	if !r.Sender || r.Info != info || r.Count != 2 || r.Blocks[1] != block || !r.Bye || r.SSRC != 1 {
		t.Errorf("%+v", r)
	}
	if info.NTP != (2_208_988_801<<32 | 1<<31) {
		t.Errorf("NTP time %x", info.NTP)
	}
	for n := range len(p) {
		whole := n == 4+24+48 || n == 4+24+48+16 // where one packet ends
		if err := ParseRTCP(p[:n], &r); (err == nil) != whole {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, name := range []string{"", "a", "ab", "abc", "abcd"} {
		q := AppendCNAME(AppendReport(nil, 1, nil), 1, name)
		if err := ParseRTCP(q, &r); err != nil || len(q)%4 != 0 || r.Sender {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := ParseRTCP(AppendBye(nil, 1), &r); err == nil {
		t.Error("a compound packet began with a goodbye")
	}
	many := AppendReport(nil, 1, nil)
	for range PacketsInCompoundMax - 1 {
		many = AppendBye(many, 1)
	}
	if err := ParseRTCP(many, &r); err != nil {
		t.Error(err)
	}
	if err := ParseRTCP(AppendBye(many, 1), &r); err == nil {
		t.Error("one packet too many")
	}
}

func TestRoundTrip(t *testing.T) {
	sent := time.Unix(1_700_000_000, 0)
	b := ReportBlock{LastSR: Middle(NTP(sent)), Delay: 65536}
	d, ok := RoundTrip(b, sent.Add(1250*time.Millisecond))
	if !ok || d < 249*time.Millisecond || d > 251*time.Millisecond {
		t.Errorf("%v %v", d, ok)
	}
	if _, ok := RoundTrip(b, sent); ok {
		t.Error("it came back before it was sent")
	}
	if _, ok := RoundTrip(ReportBlock{}, sent); ok {
		t.Error("nothing was reported")
	}
}

func TestCipher(t *testing.T) {
	p := make([]byte, 172)
	Header{PT: 0, Seq: 7, Timestamp: 1, SSRC: 2}.Put(p)
	for _, suite := range Suites() {
		key := bytes.Repeat([]byte{5}, KeyBytes(suite))
		seal, err := NewCipher(suite, key)
		if err != nil {
			t.Fatal(err)
		}
		open, err := NewCipher(suite, key)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := seal.Seal(make([]byte, 0, 300), p)
		if err != nil || len(sealed) > len(p)+Overhead || bytes.Contains(sealed, p[12:]) {
			t.Fatalf("%s: %d bytes: %v", suite, len(sealed), err)
		}
		for i := range sealed {
			forged := bytes.Clone(sealed)
			forged[i] ^= 1
			if _, err := open.Open(nil, forged); err == nil {
				t.Fatalf("%s: byte %d was changed and nobody minded", suite, i)
			}
		}
		clear, err := open.Open(make([]byte, 0, 300), sealed)
		if err != nil || !bytes.Equal(clear, p) {
			t.Fatalf("%s: %v", suite, err)
		}
		if _, err := open.Open(nil, sealed); err == nil {
			t.Errorf("%s: a packet was taken twice", suite)
		}
		report := AppendReport(nil, 2, nil)
		sealed, err = seal.SealRTCP(make([]byte, 0, 300), report)
		if err != nil {
			t.Fatal(err)
		}
		if clear, err = open.OpenRTCP(make([]byte, 0, 300), sealed); err != nil || !bytes.Equal(clear, report) {
			t.Errorf("%s: report: %v", suite, err)
		}
		sealed[len(sealed)-1] ^= 1
		if _, err := open.OpenRTCP(nil, sealed); err == nil {
			t.Errorf("%s: a forged report was taken", suite)
		}
		if _, err := NewCipher(suite, key[1:]); err == nil {
			t.Errorf("%s took a short key", suite)
		}
	}
	if _, err := NewCipher("NULL", nil); err == nil {
		t.Error("an unknown suite was taken")
	}
}

// pion's reader is an independent one: what it refuses we refuse, and what
// both take is the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 'v'})
	f.Add([]byte{0xb1, 0x80, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0xbe, 0xde, 0, 1, 0, 9, 9, 9, 'v', 'v', 2})
	f.Fuzz(func(t *testing.T, p []byte) {
		h, err := Parse(p)
		var q pion.Packet
		pionErr := q.Unmarshal(p)
		if err != nil {
			return
		}
		if pionErr == nil && (q.Version != 2 || q.SequenceNumber != h.Seq || q.PayloadType != h.PT ||
			q.SSRC != h.SSRC || q.Timestamp != h.Timestamp || q.Marker != h.Marker ||
			len(q.Payload) != len(p)-h.Size-h.Padding) {
			t.Fatalf("%+v\n%+v", h, q)
		}
		short := Strip(bytes.Clone(p), h)
		g, err := Parse(short)
		if err != nil || g.Size != HeaderBytes || g.Padding != h.Padding || !bytes.Equal(short[12:], p[h.Size:]) {
			t.Fatalf("stripped: %+v: %v", g, err)
		}
		var r Receiver
		r.Take(h, 1, 8000, time.Unix(int64(h.Timestamp), 0))
		r.Report()
	})
}

func FuzzParseRTCP(f *testing.F) {
	f.Add(AppendBye(AppendCNAME(AppendReport(nil, 1, &SenderInfo{}, ReportBlock{}), 1, "x"), 1))
	f.Add(AppendReport(nil, 1, nil))
	f.Fuzz(func(t *testing.T, p []byte) {
		var r RTCP
		if ParseRTCP(p, &r) == nil && (r.Count > ReportBlocksMax || len(p) < 8) {
			t.Fatalf("%+v", r)
		}
	})
}

func ExampleParse() {
	packet := append([]byte{0x80, 0x80, 0, 7, 0, 0, 0, 160, 0, 0, 0, 9}, "voice"...)
	h, err := Parse(packet)
	fmt.Println(h.Seq, h.Timestamp, h.Marker, string(packet[h.Size:]), err)
	SetSSRC(packet, 1) // sent on under another name
	// Output: 7 160 true voice <nil>
}
