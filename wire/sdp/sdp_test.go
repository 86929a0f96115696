package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

const head = "v=0\r\no=alice 2890844526 2890844527 IN IP4 192.0.2.1\r\ns=-\r\n"

const conn = "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"

func TestParse(t *testing.T) {
	s, err := Parse([]byte(head + conn +
		"a=sendonly\r\nm=audio 49170 RTP/AVP 9 0 96 101 127\r\nc=IN IP4 192.0.2.9\r\n" +
		"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\n" +
		"a=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:60\r\na=rtcp:53020 IN IP4 192.0.2.8\r\na=rtcp-mux\r\n" +
		"a=ice-ufrag:x\r\na=unknown\r\nm=video 49172/2 RTP/AVP 31\r\na=inactive\r\nm=image 0 udptl t38\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Origin.ID != "2890844526" || s.Origin.Version != "2890844527" || s.Origin.Addr.String() != "192.0.2.1" {
		t.Errorf("%+v", s.Origin)
	}
	if len(s.Media) != 3 {
		t.Fatalf("%d streams", len(s.Media))
	}
	m := s.Media[0]
	want := []Codec{
		{9, "G722", 8000, 1, ""},
		{0, "PCMU", 8000, 1, ""},
		{96, "opus", 48000, 2, "useinbandfec=1"},
		{101, "telephone-event", 8000, 1, "0-16"},
	}
	if !reflect.DeepEqual(m.Codecs, want) {
		t.Errorf("%+v", m.Codecs)
	}
	if m.Remote().String() != "192.0.2.9:49170" || m.RTCP.String() != "192.0.2.8:53020" || !m.RTCPMux ||
		m.PtimeMS != 20 || m.MaxPtime != 60 || m.Direction != SendOnly || !m.Hold() {
		t.Errorf("%+v", m)
	}
	if v := s.Media[1]; v.Direction != Inactive || v.Port != 49172 || v.Remote().Addr().String() != "192.0.2.1" {
		t.Errorf("%+v", v)
	}
	if i := s.Media[2]; i.Type != "image" || i.Port != 0 || i.Remote().IsValid() || i.Formats[0] != "t38" {
		t.Errorf("%+v", i)
	}
}

// What phones send that isn't quite right and does no harm.
func TestTolerated(t *testing.T) {
	for _, c := range []struct{ name, body string }{
		{"bare line feeds", strings.ReplaceAll(head+conn, "\r", "") + "m=audio 4000 RTP/AVP 0\n"},
		{"empty lines at the end", head + conn + "m=audio 4000 RTP/AVP 0\r\n\r\n\r\n"},
		{"no line end at the end", head + conn + "m=audio 4000 RTP/AVP 0"},
		{"no s= and no t=", "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n"},
		{"c= only in the stream", head + "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"},
		{"t= before c=", head + "t=0 0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n"},
		{"a huge version", strings.Replace(head, "2890844527", "99999999999999999999999999", 1) + conn +
			"m=audio 4000 RTP/AVP 0\r\n"},
		{"a format twice", head + conn + "m=audio 4000 RTP/AVP 0 0\r\n"},
		{"ptime with a fraction", head + conn + "m=audio 4000 RTP/AVP 0\r\na=ptime:20.0\r\n"},
		{"bandwidth, key and phone number", head + "p=+81\r\n" + conn +
			"b=AS:80\r\nk=prompt\r\nm=audio 4000 RTP/AVP 0\r\nb=AS:64\r\n"},
		{"a key of a suite never heard of", head + conn + "m=audio 4000 RTP/AVP 0\r\na=crypto:1 FUTURE inline:xx\r\n"},
	} {
		s, err := Parse([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(s.Media) != 1 || len(s.Media[0].Codecs) != 1 || s.Media[0].Remote().String() != "192.0.2.1:4000" {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestRefused(t *testing.T) {
	audio := "m=audio 4000 RTP/AVP 0\r\n"
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"nothing", "", ErrMissing},
		{"no origin", "v=0\r\ns=-\r\n" + conn + audio, ErrMissing},
		{"another version", strings.Replace(head, "v=0", "v=1", 1) + conn + audio, ErrSyntax},
		{"version not first", "s=-\r\n" + head + conn + audio, ErrSyntax},
		{"no =", head + conn + audio + "nonsense\r\n", ErrSyntax},
		{"capital", head + "T=0 0\r\n" + conn + audio, ErrSyntax},
		{"an empty line in the middle", head + "\r\n" + conn + audio, ErrSyntax},
		{"NUL", head + conn + audio + "a=x\x00y\r\n", ErrSyntax},
		{"a lone CR", head + conn + audio + "a=x\ry\r\n", ErrSyntax},
		{"o= of five", "v=0\r\no=- 1 1 IN IP4\r\n" + conn + audio, ErrSyntax},
		{"o= that is no number", "v=0\r\no=- x 1 IN IP4 192.0.2.1\r\n" + conn + audio, ErrSyntax},
		{"no connection", head + audio, ErrMissing},
		{"an address of 5 numbers", head + "c=IN IP4 1.2.3.4.5\r\n" + audio, ErrSyntax},
		{"an address out of range", head + "c=IN IP4 1.2.3.400\r\n" + audio, ErrSyntax},
		{"IPv6 as IPv4", head + "c=IN IP4 2001:db8::1\r\n" + audio, ErrSyntax},
		{"a zone", head + "c=IN IP6 fe80::1%eth0\r\n" + audio, ErrSyntax},
		{"a port too high", head + conn + "m=audio 65536 RTP/AVP 0\r\n", ErrSyntax},
		{"a port that is none", head + conn + "m=audio -1 RTP/AVP 0\r\n", ErrSyntax},
		{"no formats", head + conn + "m=audio 4000 RTP/AVP\r\n", ErrSyntax},
		{"a payload type of 8 bits", head + conn + "m=audio 4000 RTP/AVP 128\r\n", ErrSyntax},
		{"rtpmap without a rate", head + conn + audio + "a=rtpmap:0 PCMU\r\n", ErrSyntax},
		{"rtpmap of rate 0", head + conn + audio + "a=rtpmap:0 PCMU/0\r\n", ErrSyntax},
		{"rtpmap with a space", head + conn + audio + "a=rtpmap:0 PC MU/8000\r\n", ErrSyntax},
		{"too many streams", head + conn + strings.Repeat(audio, MediaMax+1), ErrTooBig},
		{"too many formats", head + conn + audio[:len(audio)-2] + strings.Repeat(" 0", FormatsMax), ErrTooBig},
		{"too many lines", head + conn + audio + strings.Repeat("a=x\r\n", LinesMax), ErrTooBig},
		{"too many bytes", head + conn + audio + "a=" + strings.Repeat("x", BytesMax), ErrTooBig},
	} {
		if s, err := Parse([]byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v (%+v)", c.name, err, c.want, s)
		}
	}
}

// At its limits, a description is still read.
func TestLimits(t *testing.T) {
	audio := "m=audio 4000 RTP/AVP" + strings.Repeat(" 0", FormatsMax) + "\r\n"
	s, err := Parse([]byte(head + conn + strings.Repeat(audio, MediaMax)))
	if err != nil || len(s.Media) != MediaMax {
		t.Error(err)
	}
	long := "a=fmtp:0 " + strings.Repeat("x", FmtpBytesMax)
	s, err = Parse([]byte(head + conn + "m=audio 4000 RTP/AVP 0 8\r\n" + long + "\r\n"))
	if err != nil || len(s.Media[0].Codecs) != 2 {
		t.Errorf("%+v %v", s, err)
	}
	s, err = Parse([]byte(head + conn + "m=audio 4000 RTP/AVP 0 8\r\n" + long + "x\r\n"))
	if err != nil || len(s.Media[0].Codecs) != 1 {
		t.Errorf("a codec with too long an fmtp is used: %+v %v", s, err)
	}
	key := "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + strings.Repeat("A", 40) + "\r\n"
	s, err = Parse([]byte(head + conn + "m=audio 4000 RTP/SAVP 0\r\n" + strings.Repeat(key, CryptosMax+1)))
	if err != nil || len(s.Media[0].Crypto) != CryptosMax {
		t.Error(err)
	}
}

func TestDirections(t *testing.T) {
	all := []Direction{Inactive, SendOnly, RecvOnly, SendRecv}
	for _, d := range all {
		if d.Reverse().Reverse() != d || d.Reverse().Sends() != d.Receives() {
			t.Errorf("reverse of %v is %v", d, d.Reverse())
		}
		if got, ok := directionOf(d.String()); !ok || got != d {
			t.Errorf("%v reads as %v", d, got)
		}
	}
	for _, c := range []struct{ offer, wish, answer Direction }{ // RFC 3264 §6.1
		{SendOnly, SendRecv, RecvOnly},
		{SendOnly, SendOnly, Inactive},
		{RecvOnly, SendRecv, SendOnly},
		{Inactive, SendRecv, Inactive},
		{SendRecv, RecvOnly, RecvOnly},
	} {
		if got := c.wish.AnswerTo(c.offer); got != c.answer {
			t.Errorf("%v to %v is answered %v, want %v", c.wish, c.offer, got, c.answer)
		}
	}
}

func TestHoldForms(t *testing.T) {
	for _, c := range []struct {
		lines string
		hold  bool
		wants Direction
	}{
		{"", false, SendRecv},
		{"a=sendonly\r\n", true, SendOnly},
		{"a=inactive\r\n", true, Inactive},
		{"a=recvonly\r\n", false, RecvOnly},
		{"c=IN IP4 0.0.0.0\r\n", true, SendOnly},
		{"c=IN IP6 ::\r\n", true, SendOnly},
		{"c=IN IP4 0.0.0.0\r\na=inactive\r\n", true, Inactive},
		{"c=IN IP4 pbx.example.com\r\n", false, SendRecv},
	} {
		s, err := Parse([]byte(head + conn + "m=audio 4000 RTP/AVP 0\r\n" + c.lines))
		if err != nil {
			t.Fatal(err)
		}
		if m := s.Media[0]; m.Hold() != c.hold || m.Wants() != c.wants {
			t.Errorf("%q: hold %v, wants %v", c.lines, m.Hold(), m.Wants())
		}
	}
}

func TestRTCPAddress(t *testing.T) {
	for _, c := range []struct{ port, lines, want string }{
		{"4000", "", "192.0.2.1:4001"},
		{"4000", "a=rtcp:5000\r\n", "192.0.2.1:5000"},
		{"4000", "a=rtcp:5000 IN IP4 192.0.2.7\r\n", "192.0.2.7:5000"},
		{"4000", "a=rtcp-mux\r\n", "192.0.2.1:4000"},
		{"65535", "", "invalid AddrPort"},
	} {
		s, err := Parse([]byte(head + conn + "m=audio " + c.port + " RTP/AVP 0\r\n" + c.lines))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Media[0].RemoteRTCP().String(); got != c.want {
			t.Errorf("%s %q: %s", c.port, c.lines, got)
		}
	}
}

func TestCrypto(t *testing.T) {
	key := strings.Repeat("A", 40) // 30 bytes of 0
	for _, c := range []struct {
		value string
		ok    bool
	}{
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key, true},
		{"1 AES_CM_128_HMAC_SHA1_32 inline:" + key + "|2^20", true},
		{"999999999 AEAD_AES_128_GCM inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", true},
		{"1 AEAD_AES_128_GCM inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true}, // padding left out
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "|2^20|1:4", false},           // key identifier
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key + ";inline:" + key, false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + key + " UNENCRYPTED_SRTP", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:!!!" + key[3:], false},
		{"1 AES_256_CM_HMAC_SHA1_80 inline:" + key, false},
		{"0 AES_CM_128_HMAC_SHA1_80 inline:" + key, false},
		{"x AES_CM_128_HMAC_SHA1_80 inline:" + key, false},
		{"", false},
	} {
		got, ok := crypto(c.value)
		if ok != c.ok || ok && len(got.Key) != SuiteKeyBytes(got.Suite) {
			t.Errorf("%s: %+v %v", c.value, got, ok)
		}
	}
}

func TestWriting(t *testing.T) {
	a := netip.MustParseAddr("2001:db8::1")
	s := Session{
		Origin: Origin{ID: "7", Version: "2", Addr: a}, Addr: a,
		Media: []Media{
			{Type: "image", Proto: "udptl", Formats: []string{"t38"}},
			{
				Type: "audio", Port: 4000, Proto: "RTP/SAVP", Addr: netip.MustParseAddr("192.0.2.1"), PtimeMS: 20,
				Direction: SendRecv, RTCP: netip.AddrPortFrom(netip.Addr{}, 4005), RTCPMux: true, MaxPtime: 40,
				Codecs: []Codec{{0, "PCMU", 8000, 1, ""}, {96, "opus", 48000, 2, "x=1"}},
				Crypto: []Crypto{{1, SuiteGCM128, make([]byte, 28)}},
			},
		},
	}
	want := "v=0\r\no=- 7 2 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n" +
		"m=image 0 udptl t38\r\nm=audio 4000 RTP/SAVP 0 96\r\nc=IN IP4 192.0.2.1\r\n" +
		"a=crypto:1 AEAD_AES_128_GCM inline:" + strings.Repeat("A", 38) + "==\r\n" +
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 x=1\r\na=ptime:20\r\na=maxptime:40\r\n" +
		"a=rtcp:4005\r\na=rtcp-mux\r\na=sendrecv\r\n"
	if got := string(s.Append(nil)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What was read and written again reads the same, whatever it was.
func FuzzParse(f *testing.F) {
	f.Add([]byte(head + conn + "m=audio 4000 RTP/SAVP 0 96 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 a=1\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + strings.Repeat("A", 40) +
		"|2^31\r\na=rtcp:5 IN IP4 192.0.2.7\r\na=ptime:20\r\na=sendonly\r\nm=image 0 udptl t38\r\n"))
	f.Add([]byte("v=0\no=- 1 1 IN IP6 ::1\nc=IN IP6 ::\nm=audio 1/2 RTP/AVP 0 8 9 13 18\nc=IN IP4 224.1.1.1/127\n"))
	f.Add([]byte("v=0\no=- 1 1 IN IP4 host.example\nc=IN IP4 host.example\nm=video 1 RTP/AVPF 31\na=rtcp-mux\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Parse(body)
		if err != nil {
			return
		}
		once := s.Append(nil)
		if len(once) > BytesMax {
			return
		}
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice := again.Append(nil); !bytes.Equal(once, twice) {
			t.Fatalf("%s\nbecame\n%s", once, twice)
		}
		for i := range s.Media {
			m := &s.Media[i]
			_, _, _ = m.Remote(), m.RemoteRTCP(), m.Hold()
		}
	})
}

func ExampleParse() {
	s, _ := Parse([]byte("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
		"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"))
	m := s.Media[0]
	fmt.Println(m.Remote(), m.Codecs[0].Name, m.Codecs[1].Event(), m.Hold())
	// Output: 192.0.2.1:4000 PCMU true true
}

func BenchmarkParse(b *testing.B) {
	body := []byte(head + conn + "m=audio 4000 RTP/AVP 9 0 8 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}
