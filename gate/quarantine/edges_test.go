package quarantine

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// TestEdges: what is exactly a limit is taken, one more is refused by its name.
func TestEdges(t *testing.T) {
	list := make([]fact.Quarantine, EntriesMax+1)
	for i := range list {
		list[i] = fact.Quarantine{ID: "q", Kind: "unit"}
	}
	if _, err := New(list[:EntriesMax]); err != nil {
		t.Error(err)
	}
	want := fmt.Sprintf("%d quarantines, at most %d", EntriesMax+1, EntriesMax)
	if _, err := New(list); err == nil || err.Error() != want {
		t.Error(err)
	}
	if got, err := Parse(Line, strings.Repeat("l", ValueMax)); err != nil || len(got.Value) != ValueMax {
		t.Error(err)
	}
	if _, err := Parse(Destination, "+"+strings.Repeat("1", digitsMax)); err != nil {
		t.Error(err)
	}
	if _, err := New([]fact.Quarantine{{Kind: "nonsense", Value: "x"}}); !errors.Is(err, ErrKind) {
		t.Errorf("a wrong kind is refused as %v", err)
	}
	empty, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := call()
	if _, ok := empty.Find(&c, noon); ok {
		t.Error("an empty set holds a call")
	}
	q := fact.Quarantine{}
	if !InForce(&q, noon) {
		t.Error("one without an end has ended")
	}
}
