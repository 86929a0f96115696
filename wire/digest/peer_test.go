package digest

import (
	"fmt"
	"testing"

	peer "github.com/icholy/digest"
)

// An implementation that shares no code with ours answers our challenges, and
// ours answers what it would have answered.
func TestAgainstAnotherImplementation(t *testing.T) {
	for _, a := range []Algorithm{MD5, SHA256} {
		for i, user := range []string{"201-1", `a"b\c`, "日本"} {
			ours := Challenge{
				Realm: fmt.Sprintf("unit %d", i), Nonce: "n/0+=", Opaque: "o", Algorithm: a, QopAuth: true,
			}
			theirs, err := peer.ParseChallenge(ours.String())
			if err != nil {
				t.Fatalf("%s: %v", ours, err)
			}
			const uri, cnonce = "sip:unit;transport=udp", "0a4f113b"
			answer, err := peer.Digest(theirs, peer.Options{
				Method: "REGISTER", URI: uri, Username: user, Password: "secret", Count: 3, Cnonce: cnonce,
			})
			if err != nil {
				t.Fatal(err)
			}
			mine, err := Answer(ours, Login{user, "secret"}, "REGISTER", uri, cnonce, 3)
			if err != nil || mine.Response != answer.Response {
				t.Errorf("%s of %q: we answer %s, they %s (%v)", a, user, mine.Response, answer.Response, err)
			}
			if user == `a"b\c` {
				continue // their writer does not escape
			}
			read, err := ParseCredentials(answer.String())
			if err != nil {
				t.Fatalf("%s: %v", answer, err)
			}
			demand := Demand{Method: "REGISTER", Realm: ours.Realm, Algorithms: []Algorithm{a}}
			if !Verify(&read, demand, HA1(a, user, ours.Realm, "secret")) {
				t.Errorf("%s of %q: %s is not accepted", a, user, answer)
			}
		}
	}
}
