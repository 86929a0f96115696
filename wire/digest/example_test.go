package digest_test

import (
	"fmt"

	"github.com/sekisho/sekisho/wire/digest"
)

// A phone answers the first challenge it can; the unit checks the answer
// against the hash that is all it keeps of the secret.
func Example() {
	challenge, _ := digest.ParseChallenge(`Digest realm="unit", nonce="n1", algorithm=SHA-256, qop="auth"`)
	login := digest.Login{User: "201-1", Password: "secret"}
	answer, _ := digest.Answer(challenge, login, "REGISTER", "sip:unit", "cnonce", 1)

	kept := digest.HA1(digest.SHA256, "201-1", "unit", "secret")
	demand := digest.Demand{Method: "REGISTER", Realm: "unit", Algorithms: []digest.Algorithm{digest.SHA256}}
	fmt.Println(digest.Verify(&answer, demand, kept))
	// Output: true
}
