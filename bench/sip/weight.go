package main

import (
	"fmt"
	"time"
)

// weight is the memory of a system.
type weight struct {
	System string `json:"system"`
	PSS    int64  `json:"pss_bytes"`
	Live   int64  `json:"live_bytes,omitempty"` // heap in use after a collection, as the system says
	Of     int    `json:"of,omitempty"`         // how many things it is for
	// Settled says that SIP's transactions were over before both looks.
	Settled bool `json:"settled,omitempty"`
}

// settled weighs a system: garbage of a unit is collected first, and what is
// free goes back to the machine.
func settled(sys subject) (weight, error) {
	w := weight{System: sys.name()}
	if u, ok := sys.(*unit); ok {
		r, err := u.inUse(true)
		if err != nil {
			return w, err
		}
		w.Live = int64(r.HeapLiveBytes)
	}
	w.PSS = pssOf(family(sys.pid()))
	return w, nil
}

// settle is how long is waited before a second look.
func (o *options) settle() time.Duration {
	if o.quick {
		return settleTime / 10
	}
	return settleTime
}

// since is what n things more take.
func (w weight) since(before weight, n int) weight {
	return weight{System: w.System, PSS: w.PSS - before.PSS, Live: w.Live - before.Live, Of: n}
}

// kib gives KiB of PSS and of live heap for each.
func (w weight) kib() (pss, live float64) {
	n := float64(max(w.Of, 1)) * 1024
	return float64(w.PSS) / n, float64(w.Live) / n
}

// String says both.
func (w weight) String() string {
	pss, live := w.kib()
	if w.Live == 0 {
		return fmt.Sprintf("%.1f KiB", pss)
	}
	return fmt.Sprintf("%.1f KiB (live heap %.1f)", pss, live)
}
