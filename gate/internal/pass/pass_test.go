package pass

import (
	"errors"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
)

var (
	expires   = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)
	before    = expires.Add(-1)
	leone     = number.Destination{Class: number.International, Digits: "23276123456", Area: "SL"}
	ambulance = number.Destination{Class: number.Emergency, Digits: "119"}
)

// TestUse: a Pass is good for its own call and line, before its end, and once;
// who shows it wrongly does not use it up.
func TestUse(t *testing.T) {
	for _, c := range []struct {
		name       string
		call, line string
		at         time.Time
		want       error
	}{
		{"its own", "c1", "hikari", before, nil},
		{"another call", "c2", "hikari", before, ErrForeign},
		{"another line", "c1", "trunk", before, ErrForeign},
		{"at its end", "c1", "hikari", expires, ErrExpired},
		{"another's, late", "c2", "hikari", expires, ErrForeign},
	} {
		p := New("c1", "hikari", leone, expires)
		if valid := p.Valid(c.call, c.line, c.at); valid != (c.want == nil) {
			t.Errorf("%s: valid is %v", c.name, valid)
		}
		d, err := p.Use(c.call, c.line, c.at)
		if !errors.Is(err, c.want) || (d == leone) != (c.want == nil) || c.want != nil && d != (number.Destination{}) {
			t.Errorf("%s: %+v, %v, want %v", c.name, d, err, c.want)
		}
		copied := p
		_, again := copied.Use("c1", "hikari", before)
		if used := c.want == nil; used != errors.Is(again, ErrUsed) || used == (again == nil) {
			t.Errorf("%s, then used rightly: %v", c.name, again)
		}
		if p.Valid("c1", "hikari", before) {
			t.Errorf("%s: valid after its use", c.name)
		}
	}
}

// TestLooking does not use a Pass up, and says what it is for.
func TestLooking(t *testing.T) {
	p, urgent := New("c1", "hikari", leone, expires), New("c1", "hikari", ambulance, expires)
	for range 2 {
		if !p.Valid("c1", "hikari", before) || p.Destination() != leone || p.Emergency() || !urgent.Emergency() {
			t.Errorf("%+v, emergency %v, %v", p.Destination(), p.Emergency(), urgent.Emergency())
		}
	}
}

// TestNoPass is good for nothing.
func TestNoPass(t *testing.T) {
	var p Pass
	if d, err := p.Use("", "", time.Time{}); !errors.Is(err, ErrNone) || d != (number.Destination{}) {
		t.Errorf("%+v, %v", d, err)
	}
	if p.Valid("", "", time.Time{}) || p.Emergency() || p.Destination() != (number.Destination{}) {
		t.Errorf("%+v", p.Destination())
	}
}
