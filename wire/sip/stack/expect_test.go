package stack

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sekisho/sekisho/wire/sip"
)

// TestExpect: what comes inside a dialog that the Handler keeps is given to it, from whom
// the authenticator lets in, and no longer than it says.
func TestExpect(t *testing.T) {
	for _, shards := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, shards, func(c *Config) { c.Auth = byHost{} })
			defer w.stop()
			var got []string
			w.unit.request = func(_ *Shard, r *Request) {
				got = append(got, r.Identity().Device+" "+r.Message.Method().String())
				_ = r.Respond(200, "")
			}
			sh := w.unit.stack.Shard(shards - 1)
			onShard := func(f func()) {
				sh.Post(func(*Shard) { f() })
				synctest.Wait()
			}
			var tag string
			onShard(func() {
				var err error
				if tag, err = sh.Expect(); err != nil {
					t.Error(err)
				}
			})
			seq := 0
			says := func(from, method, tag string) string {
				seq++
				p := w.raw(from)
				p.send(unitAddr, lines(
					method+" sip:x@10.0.0.1 SIP/2.0",
					"Via: SIP/2.0/UDP "+from+";rport;branch=z9hG4bKe"+strings.Repeat("x", seq), "Max-Forwards: 70",
					"From: <sip:301@far>;tag=theirs", "To: <sip:unit@10.0.0.1>;tag="+tag, "Call-ID: e1",
					"CSeq: 1 "+method, "Contact: <sip:301@"+from+">", "Event: dialog",
					"Subscription-State: active", "Content-Length: 0",
				))
				synctest.Wait()
				first, _, _ := strings.Cut(strings.Join(p.got(), ""), "\r\n")
				return first
			}
			if s := says("10.0.0.66:5062", "NOTIFY", tag); s != "SIP/2.0 200 OK" {
				t.Errorf("it is answered %q", s)
			}
			if s := says("10.0.0.99:5062", "NOTIFY", tag); !strings.HasPrefix(s, "SIP/2.0 401 ") {
				t.Errorf("a stranger's is answered %q", s)
			}
			if s := says("10.0.0.66:5063", "INVITE", tag); !strings.HasPrefix(s, "SIP/2.0 481 ") {
				t.Errorf("an INVITE is answered %q", s)
			}
			onShard(func() { sh.Unexpect(tag) })
			if s := says("10.0.0.66:5064", "NOTIFY", tag); !strings.HasPrefix(s, "SIP/2.0 481 ") {
				t.Errorf("what is not expected any more is answered %q", s)
			}
			if len(got) != 1 || got[0] != "10.0.0.66 "+sip.NOTIFY.String() {
				t.Errorf("the handler got %q", got)
			}
			onShard(func() {
				for range expectedMax {
					_, _ = sh.Expect()
				}
				if _, err := sh.Expect(); err == nil {
					t.Error("there is no end of them")
				}
			})
			w.settle()
		})
	}
}
