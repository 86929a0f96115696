package phone

import (
	"fmt"
	"strings"
	"testing"
)

// A REGISTER says which place its phone has left: that of the same instance,
// the same contact, or, where a phone takes another contact with each
// connection and names no instance, of the same Call-ID. A second phone with
// the same credential has left nothing.
func TestRegisterTellsWhatWasLeft(t *testing.T) {
	const instance = `;+sip.instance="<urn:uuid:1>"`
	const other = `;+sip.instance="<urn:uuid:2>"`
	for _, c := range []struct {
		name, first, second string
		callID              string // of the second
		port                int
		want                string
	}{
		{"a refresh", "<sip:a@x>", "<sip:a@x>", "c1", 1000, ""},
		{"the same contact", "<sip:a@x>", "<sip:a@x>", "c2", 2000, "192.0.2.10:1000"},
		{"the same contact and call", "<sip:a@x>", "<sip:a@x>", "c1", 2000, "192.0.2.10:1000"},
		{"the same instance", "<sip:a@x>" + instance, "<sip:b@x>" + instance, "c2", 2000, "192.0.2.10:1000"},
		{"the same call", "<sip:a@x>", "<sip:b@x>", "c1", 2000, "192.0.2.10:1000"},
		{"another instance", "<sip:a@x>" + instance, "<sip:b@x>" + other, "c2", 2000, ""},
		{"another phone", "<sip:a@x>", "<sip:b@x>", "c2", 2000, ""},
	} {
		o := newOffice(t)
		first, second := source("192.0.2.10:1000"), source(fmt.Sprint("192.0.2.10:", c.port))
		first.Transport, second.Transport = "tcp", "tcp"
		if a := o.register(first, 1, "Call-ID: c1", "Contact: "+c.first); a.Status != 200 || len(a.Left) != 0 {
			t.Errorf("%s: first %+v", c.name, a)
		}
		a := o.register(second, 3, "Call-ID: "+c.callID, "Contact: "+c.second)
		var got strings.Builder
		for _, l := range a.Left {
			got.WriteString(l.Remote.String())
			if l.Transport != "tcp" || l.Listener != "phones" {
				t.Errorf("%s: left %+v", c.name, l)
			}
		}
		if a.Status != 200 || got.String() != c.want {
			t.Errorf("%s: %d, left %q, want %q", c.name, a.Status, got.String(), c.want)
		}
	}
}
