package storetest

import (
	"bytes"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// greetingsFollow: what a mailbox says is there with its sound, the last one, until it is
// what all say.
func greetingsFollow(t *testing.T, open Open) {
	s := open(t, nil)
	greeting := func(extension, sound string) fact.GreetingSet {
		return fact.GreetingSet{
			Extension: extension, Seconds: 60, Sound: bytes.Repeat([]byte(sound), 240_000), By: "user:x", At: Day,
		}
	}
	marked := func(f fact.GreetingSet) fact.GreetingSet {
		f.Sound = fact.Bulk(f.Sound.Mark())
		return f
	}
	first, second, other := greeting("201", "ab"), greeting("201", "cd"), greeting("202", "ef")
	must(t, s, facts(other, first))
	same(t, "greetings", get(t, s.Greetings), []fact.GreetingSet{marked(first), marked(other)})
	must(t, s, facts(second))
	same(t, "greetings", get(t, s.Greetings), []fact.GreetingSet{marked(second), marked(other)})
	sound, err := s.GreetingSound(t.Context(), "201")
	if err != nil || !bytes.Equal(sound, second.Sound) {
		t.Errorf("%d bytes of sound, %v", len(sound), err)
	}
	usual := fact.GreetingSet{Extension: "201", By: "user:x", At: Day}
	must(t, s, facts(usual))
	same(t, "greetings", get(t, s.Greetings), []fact.GreetingSet{marked(other)})
	if sound, err := s.GreetingSound(t.Context(), "201"); err != nil || sound != nil {
		t.Errorf("%d bytes of sound are left, %v", len(sound), err)
	}
	if err := Write(t, s, facts(usual)); err == nil {
		t.Error("a greeting that is not there can be taken away")
	}
}
