package sdp

import (
	"slices"
	"strings"
	"testing"
)

// What a description says of T.38 is kept and written as it is; and whether silence is left
// out. Of very much, or what is long, the rest is read over; other attributes are not kept.
func TestFax(t *testing.T) {
	const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
	said := []string{"T38FaxVersion:0", "T38FaxFillBitRemoval", "T38FaxUdpEC:t38UDPRedundancy"}
	text := head + "m=image 4000 UDPTL t38\r\na=" + strings.Join(said, "\r\na=") +
		"\r\na=x-other:1\r\na=silenceSupp:on\r\n"
	s, err := Parse(text)
	if err != nil || !s.Media[0].Fax() || !slices.Equal(s.Media[0].Kept, append(said, "silenceSupp:on")) {
		t.Fatalf("%+v, %v", s, err)
	}
	s.Media[0].Kept = said
	out := string(s.Append(nil))
	if !strings.HasSuffix(out, "m=image 4000 UDPTL t38\r\na="+strings.Join(said, "\r\na=")+"\r\n") {
		t.Errorf("written\n%s", out)
	}
	s, err = Parse(head + "m=audio 4000 RTP/AVP 0\r\na=silenceSupp:off - - - -\r\na=T38FaxVersion:0\r\n")
	if err != nil || s.Media[0].Fax() || !slices.Equal(s.Media[0].Kept, []string{"silenceSupp:off - - - -"}) {
		t.Errorf("%+v, %v", s, err)
	}
	many := head + "m=image 4000 udptl t38\r\n" + strings.Repeat("a=T38X:1\r\n", 2*KeptMax) +
		"a=T38Y:" + strings.Repeat("y", KeptBytesMax) + "\r\n"
	s, err = Parse(many)
	if err != nil || len(s.Media[0].Kept) != KeptMax {
		t.Errorf("%d kept, %v", len(s.Media[0].Kept), err)
	}
	for _, no := range []string{
		"m=image 0 udptl t38", "m=image 4000 TCP t38", "m=image 4000 udptl x", "m=audio 4000 udptl t38",
	} {
		s, err := Parse(head + no + "\r\n")
		if err != nil || s.Media[0].Fax() {
			t.Errorf("%s: %+v, %v", no, s, err)
		}
	}
}
