package digest

import "testing"

// What can be read can be written and read again with the same meaning.
func FuzzValues(f *testing.F) {
	f.Add(`Digest realm="a", nonce="n", qop="auth"`)
	f.Add(`Digest username="u", realm="r", nonce="n", uri="sip:x", response="ab", qop=auth, nc=00000001, cnonce="c"`)
	f.Add(`digest realm="a\"b", nonce=n, algorithm=SHA-256, stale=true`)
	f.Fuzz(func(t *testing.T, value string) {
		if c, err := ParseChallenge(value); err == nil && c.Algorithm != None && !c.QopOther {
			if got, err := ParseChallenge(c.String()); err != nil || got != c {
				t.Errorf("challenge %q became %q: %+v, %v", value, c, got, err)
			}
		}
		c, err := ParseCredentials(value)
		if err != nil || c.Algorithm == None || c.Qop == "" && (c.NC != 0 || c.CNonce != "") {
			return
		}
		if c.Qop != "" && skip(c.Qop, 0, isToken|isEqual) != len(c.Qop) || len(c.String()) > FieldMax {
			return
		}
		if got, err := ParseCredentials(c.String()); err != nil || got != c {
			t.Errorf("credentials %q became %q: %+v, %v", value, c, got, err)
		}
	})
}
