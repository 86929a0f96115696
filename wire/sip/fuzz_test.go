package sip_test

import (
	"bytes"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// seeds are the torture messages and the variants.
func seeds(f *testing.F) {
	for _, c := range tortures {
		f.Add(torture(f, c.name))
	}
	for _, v := range variants {
		f.Add(v.bytes())
	}
	f.Add([]byte(register))
}

// FuzzParse: whatever the bytes are, parsing, judging and reading them ends without a panic; reading twice gives
// the same; a clone reads the same; and the answer owed can be parsed and has no line that we didn't write.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m sip.Message
		status, phrase := outcome(bytes.Clone(raw), &m, &ordinary)
		if again, why := outcome(bytes.Clone(raw), &m, &ordinary); again != status || why != phrase {
			t.Fatalf("%d %q, then %d %q", status, phrase, again, why)
		}
		if sip.Parse(bytes.Clone(raw), &m) != nil {
			return
		}
		for v := range m.Fields() {
			if bytes.ContainsAny(v.Value, "\r\n") && status == fine {
				t.Fatalf("a line end in %q", v.Value)
			}
			_, _ = m.Addrs(v.ID)
			_ = m.FieldParams(v.ID)
			for range m.List(v.ID) {
			}
		}
		c := m.Clone()
		if again, why := outcomeOf(c); again != status || why != phrase {
			t.Fatalf("%d %q, its clone %d %q", status, phrase, again, why)
		}
		if status != fine || !m.IsRequest() {
			return
		}
		if m.From().Raw == nil || m.To().Raw == nil || m.RequestURI().IsZero() || m.TopVia().Raw == nil ||
			len(m.CallID()) == 0 || m.CSeq().MethodText == nil {
			t.Fatal("Validate took a message without one of its parts")
		}
		respond(t, &m)
	})
}

// outcomeOf validates what is parsed already.
func outcomeOf(m *sip.Message) (status int, phrase string) {
	a := sip.Validate(m, &ordinary)
	switch {
	case a == nil:
		return fine, ""
	case a.Dropped():
		return dropped, a.Phrase
	}
	return a.Status, a.Phrase
}

// respond checks that the answer to a good request is a good response but for its Vias, which may be many.
func respond(t *testing.T, m *sip.Message) {
	var b sip.Builder
	b.Reset(nil)
	b.Response(m, 200, "", []byte("ours"), source)
	out, err := b.Finish("", nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Bytes())
	}
	if later := echoed(t, m, 200, "ours", source); later != string(out) {
		t.Fatalf("when the request is gone\n%q\nwant\n%q", later, out)
	}
	var r sip.Message
	if err := sip.Parse(out, &r); err != nil {
		t.Fatalf("%v\n%q", err, out)
	}
	if _, why := outcomeOf(&r); why != "" && why != "More Than One Via In Response" {
		t.Fatalf("%s\n%q", why, out)
	}
	via := r.TopVia()
	if via.RPort && (via.RPortValue != source.Port() || via.Received != source.Addr()) ||
		!bytes.Equal(via.Branch, m.TopVia().Branch) || !bytes.Equal(r.CallID(), m.CallID()) {
		t.Fatalf("%q", out)
	}
}

// FuzzURI: a URI that is read can be written, and what is written reads as an equal one and is written alike.
func FuzzURI(f *testing.F) {
	for _, s := range []string{
		"sip:a:b@h:1;c=d;e?f=g", "sips:%00%ff@[::1]", "tel:+1-2;ext=3", "urn:x", "sip:[:::1.2.3.4]", "sip:#@h",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := sip.ParseURI(raw)
		if err != nil {
			return
		}
		out, err := u.Append(nil)
		if err != nil {
			t.Fatalf("%q can't be written: %v", raw, err)
		}
		v, err := sip.ParseURI(out)
		if err != nil {
			t.Fatalf("%q is written %q: %v", raw, out, err)
		}
		v.Password = u.Password // never written
		if !u.Equal(&v) || !bytes.Equal(u.User, v.User) {
			t.Fatalf("%q is written %q", raw, out)
		}
		if again, err := v.Append(nil); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q is written %q and then %q: %v", raw, out, again, err)
		}
	})
}

// FuzzNameAddr: the same of an address.
func FuzzNameAddr(f *testing.F) {
	for _, s := range []string{
		`"a\"b" <sip:a@h;x=y>;tag=1;q="z"`, "a b <sip:h>", "sip:h;tag=2", "田 <tel:1>", "<x:y> ; a = [::1]",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := sip.ParseNameAddr(raw)
		if err != nil {
			return
		}
		out, err := a.Append(nil)
		if err != nil {
			t.Fatalf("%q can't be written: %v", raw, err)
		}
		b, err := sip.ParseNameAddr(out)
		if err != nil {
			t.Fatalf("%q is written %q: %v", raw, out, err)
		}
		if !bytes.Equal(a.Tag, b.Tag) || !bytes.Equal(a.URI.User, b.URI.User) {
			t.Fatalf("%q is written %q", raw, out)
		}
		if again, err := b.Append(nil); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q is written %q and then %q: %v", raw, out, again, err)
		}
	})
}

// FuzzFramer: however a stream is cut, the same frames come out, each is one whole message, and the end is the
// same.
func FuzzFramer(f *testing.F) {
	for _, v := range variants {
		f.Add(append(v.bytes(), register...), 3)
	}
	for _, c := range tortures {
		f.Add(torture(f, c.name), 50)
	}
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		if n < 1 || n > 1<<20 {
			return
		}
		whole, cut := sip.Framer{Dialed: true}, sip.Framer{Dialed: true}
		a, errA := frames(&whole, bytes.Clone(raw), 1<<20)
		b, errB := frames(&cut, bytes.Clone(raw), n)
		if errA != errB && len(raw) < sip.MaxHead || len(a) != len(b) && len(raw) < sip.MaxHead {
			t.Fatalf("whole: %q %v\ncut by %d: %q %v", a, errA, n, b, errB)
		}
	})
}
