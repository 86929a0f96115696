package phone

import (
	"net/netip"
	"sort"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// reports sums failures up until the next Tick makes facts of them.
type reports struct {
	mu        sync.Mutex
	failures  map[netip.Addr]*fact.AuthenticationFailed
	emergency map[netip.Addr]*fact.EmergencyRefused
	due       time.Time
}

// elsewhere stands for the sources that found no place of their own.
var elsewhere = netip.Addr{}

// failed adds one failure. sample is of the source's first.
func (r *reports) failed(source netip.Addr, sample fact.AuthenticationFailed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failures == nil {
		r.failures = map[netip.Addr]*fact.AuthenticationFailed{}
	}
	key := sourceKey(source)
	f := r.failures[key]
	if f == nil && len(r.failures) >= ReportsMax {
		key, sample.Source = elsewhere, "others"
		sample.User, sample.UserAgent = "", ""
		f = r.failures[key]
	}
	if f == nil {
		sample.First = sample.Last
		r.failures[key] = &sample
		f = r.failures[key]
	}
	f.Count++
	f.Last = sample.Last
}

// refused adds one emergency call of a stranger.
func (r *reports) refused(source netip.Addr, sample fact.EmergencyRefused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.emergency == nil {
		r.emergency = map[netip.Addr]*fact.EmergencyRefused{}
	}
	key := sourceKey(source)
	f := r.emergency[key]
	if f == nil && len(r.emergency) >= ReportsMax {
		key, sample.Source = elsewhere, "others"
		f = r.emergency[key]
	}
	if f == nil {
		r.emergency[key] = &sample
		f = r.emergency[key]
	}
	f.Count++
	f.At = sample.At
}

// take gives the facts that are due and begins anew. An alarm is due at the
// next Tick; failures wait to be summed up.
func (r *reports) take(now time.Time) []fact.Fact {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []fact.Fact
	for _, a := range sortedKeys(r.emergency) {
		out = append(out, *r.emergency[a])
	}
	clear(r.emergency)
	if now.Before(r.due) && r.due.Sub(now) <= ReportEvery {
		return out
	}
	for _, a := range sortedKeys(r.failures) {
		out = append(out, *r.failures[a])
	}
	clear(r.failures)
	r.due = now.Add(ReportEvery)
	return out
}

// sortedKeys gives a map's addresses in order.
func sortedKeys[V any](m map[netip.Addr]V) []netip.Addr {
	keys := make([]netip.Addr, 0, len(m))
	for a := range m {
		keys = append(keys, a)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].Less(keys[j]) })
	return keys
}
