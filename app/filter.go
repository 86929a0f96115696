package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/metrics"
	"github.com/sekisho/sekisho/plane"
)

// Limits of what the packet filter is told.
const (
	filterEvery = 2 * time.Second
	filterLife  = 5 * time.Minute // of a source that was barred
)

// packetFilter feeds the host's packet filter with the sources of floods,
// where the configuration wants that. A source where a phone is registered,
// or a line stands, is never barred: a stranger could forge it to silence it.
type packetFilter struct {
	filter *plane.Filter
	barred atomic.Int64 // sources in the filter now
}

// openFilter opens the packet filter. A unit that may not use it starts
// nevertheless: phones matter more.
func (a *App) openFilter(context.Context) error {
	if !a.options.Config.Voice.PacketFilter {
		return nil
	}
	f, err := plane.OpenFilter()
	if err == nil {
		if err = f.Guard(a.guarded()); err != nil {
			err = errors.Join(err, f.Close())
		}
	}
	if err != nil {
		a.log.Error("sources of floods are not barred in the kernel", "err", err)
		return nil
	}
	a.packets.filter = f
	a.onClose(f.Close)
	return nil
}

// guarded are the UDP ports that strangers can reach, those of lines included
// that have come since the unit started.
func (a *App) guarded() (ports []uint16) {
	for _, l := range slices.Concat(a.voice, a.ownListeners("")) {
		if l.Transport == plane.UDP {
			ports = append(ports, l.Addr.Port())
		}
	}
	return ports
}

// barWorst bars the sources that are refused most, until ctx ends.
func (a *App) barWorst(ctx context.Context) {
	if a.packets.filter == nil {
		return
	}
	tick := time.NewTicker(filterEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.barOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn("packet filter", "err", err)
		}
	}
}

func (a *App) barOnce(ctx context.Context, now time.Time) error {
	if err := a.packets.filter.Guard(a.guarded()); err != nil {
		return err
	}
	worst, err := a.stack.Worst(ctx)
	if err != nil {
		return err
	}
	barred, err := a.packets.filter.Barred()
	if err != nil {
		return err
	}
	a.packets.barred.Store(int64(len(barred)))
	if len(worst)+len(barred) == 0 {
		return nil
	}
	ours := a.ours(now)
	for _, source := range barred { // a phone may have come since
		if ours(source) {
			if err := a.packets.filter.Release(source); err != nil {
				return err
			}
			a.log.Info("source let in again: a phone or a line is there", "source", source.String())
		}
	}
	var fresh []netip.Addr
	for _, w := range worst {
		if !slices.Contains(barred, w) && !ours(w) && len(barred)+len(fresh) < plane.FilterMax {
			fresh = append(fresh, w)
			a.log.Warn("source of a flood barred", "source", w.String(), "for", filterLife.String())
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := a.packets.filter.Bar(fresh, filterLife); err != nil {
		return fmt.Errorf("%d sources: %w", len(fresh), err)
	}
	a.packets.barred.Add(int64(len(fresh)))
	return nil
}

// ours reports which sources may never be barred: those where a phone is or was
// lately registered, lines, and the host itself.
func (a *App) ours(now time.Time) func(source netip.Addr) bool {
	var known []netip.Addr
	for _, p := range a.phones.Phones(now) {
		for _, b := range p.Bindings {
			known = append(known, b.Source.Addr().Unmap())
		}
	}
	for _, in := range a.host.Interfaces {
		known = append(known, in.Addrs...)
	}
	return func(source netip.Addr) bool {
		network := netip.PrefixFrom(source, source.BitLen())
		if source.Is6() {
			network = netip.PrefixFrom(source, 64)
		}
		return a.lines.AnyIn(network) || slices.ContainsFunc(known, network.Contains) ||
			a.phones.KnownSource(netip.AddrPortFrom(source, 0)) // of one that is disabled, too
	}
}

// measureFilter reads how many sources are barred.
func (a *App) measureFilter(s *metrics.Set) {
	s.Put(metrics.Barred, float64(a.packets.barred.Load()))
}
