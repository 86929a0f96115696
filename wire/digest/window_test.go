package digest

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const windowLife = time.Minute

func TestWindow(t *testing.T) {
	var w Window
	now := time.Unix(1_700_000_000, 0)
	id := NonceID{uint64(now.UnixMilli()), 1}
	steps := []struct {
		nc   uint32
		want bool
	}{
		{0, false},
		{1, true},
		{1, false},
		{3, true},
		{2, true},
		{2, false},
		{100, true},
		{37, true},
		{36, false}, // too far behind to be told from a replay
		{37, false},
		{1 << 31, true},
		{100, false},
	}
	for _, s := range steps {
		if got := w.Use(id, s.nc, now, windowLife); got != s.want {
			t.Errorf("count %d: %v", s.nc, got)
		}
	}
}

// Whatever comes in whatever order, no pair is accepted twice, the memory is
// bounded, and a fresh nonce of the present is accepted.
func TestWindowProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Window
		now := time.Unix(1_700_000_000, 0)
		type pair struct {
			id NonceID
			nc uint32
		}
		used := map[pair]bool{}
		serial := uint64(0)
		var minted []NonceID
		for range rapid.IntRange(1, 600).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-2, 40).Draw(t, "pass")) * 100 * time.Millisecond)
			fresh := len(minted) == 0 || rapid.IntRange(0, 2).Draw(t, "fresh") > 0
			p := pair{nc: uint32(rapid.IntRange(1, 90).Draw(t, "nc"))}
			if fresh {
				serial++
				p.id = NonceID{uint64(now.UnixMilli()), serial}
				minted = append(minted, p.id)
			} else {
				p.id = minted[rapid.IntRange(0, len(minted)-1).Draw(t, "old")]
			}
			got := w.Use(p.id, p.nc, now, windowLife)
			if got && used[p] {
				t.Fatalf("pair %+v was accepted twice", p)
			}
			used[p] = used[p] || got
			if w.Len() > WindowNonces {
				t.Fatalf("window grew to %d", w.Len())
			}
		}
		now = now.Add(time.Second)
		if !w.Use(NonceID{uint64(now.UnixMilli()), serial + 1}, 1, now, windowLife) {
			t.Fatal("a fresh nonce was not accepted")
		}
	})
}

// A window that is full of younger nonces has no room for an older one: what
// it forgot stays stale.
func TestWindowForgetsSafely(t *testing.T) {
	var w Window
	now := time.Unix(1_700_000_000, 0)
	first := NonceID{uint64(now.UnixMilli()), 0}
	if !w.Use(first, 1, now, windowLife) {
		t.Fatal("first use was not accepted")
	}
	for i := range WindowNonces {
		if !w.Use(NonceID{first.Issued, uint64(i + 1)}, 1, now, windowLife) {
			t.Fatalf("nonce %d was not accepted", i+1)
		}
	}
	if w.Use(first, 1, now, windowLife) || w.Use(first, 2, now, windowLife) {
		t.Error("a forgotten nonce was accepted")
	}
	late := now.Add(2 * windowLife)
	w.Use(NonceID{uint64(late.UnixMilli()), 9999}, 1, late, windowLife)
	if w.Len() != 1 {
		t.Errorf("%d nonces are kept past their life", w.Len())
	}
	if w.Use(NonceID{first.Issued, WindowNonces}, 2, now, windowLife) {
		t.Error("a clock set back made an old nonce usable")
	}
}

// A credential that signs in without end keeps the last nonces and their
// counts, in as much room as WindowNonces need and little more.
func TestWindowBusy(t *testing.T) {
	var w Window
	now := time.Unix(1_700_000_000, 0)
	of := func(i int) NonceID { return NonceID{uint64(now.UnixMilli()), uint64(i)} }
	const many = 5 * WindowNonces
	for i := range many {
		if !w.Use(of(i), 1, now, windowLife) {
			t.Fatalf("nonce %d was not accepted", i)
		}
		if w.Len() > WindowNonces || cap(w.used) > windowRoom {
			t.Fatalf("%d nonces are kept in the room of %d", w.Len(), cap(w.used))
		}
	}
	for i := range many {
		if w.Use(of(i), 1, now, windowLife) {
			t.Fatalf("nonce %d was accepted twice", i)
		}
		if kept := i >= many-WindowNonces; w.Use(of(i), 2, now, windowLife) != kept {
			t.Fatalf("the second count of nonce %d: its nonce is kept: %v", i, kept)
		}
	}
}

// BenchmarkWindow is one more sign-in of a credential whose window is full.
func BenchmarkWindow(b *testing.B) {
	var w Window
	now := time.Unix(1_700_000_000, 0)
	serial := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		serial++
		if !w.Use(NonceID{uint64(now.UnixMilli()), serial}, 1, now, windowLife) {
			b.Fatal(serial)
		}
	}
}
