package app

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
)

// Limits of what is watched besides facts.
const (
	safeguardsEvery = time.Second
	planesEvery     = time.Minute
	planesTimeMax   = 20 * time.Second
	diskLeftMin     = 256 << 20 // bytes
	// siteSettles is how long after its pairing a site may be away without an alert: the
	// code is still to be typed at the other unit.
	siteSettles = 10 * time.Minute
)

// watchSafeguards tells the alerts how the unit's own protection does.
func (a *App) watchSafeguards(ctx context.Context) {
	tick := time.NewTicker(safeguardsEvery)
	defer tick.Stop()
	var planes time.Time
	for {
		a.tendSiteLines()
		for _, c := range []watch.Condition{
			a.storeCondition(), a.diskCondition(), a.emergencyCondition(), a.sitesCondition(),
			a.recordingsCondition(),
		} {
			a.alerts.Report(c)
		}
		a.alerts.Report(watch.Condition{Name: "evidence", Broken: a.doubted, What: text.Of("alert.what.evidence")})
		if now := time.Now(); now.Sub(planes) >= planesEvery {
			planes = now
			if c, known := a.planesCondition(ctx); known {
				a.alerts.Report(c)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) storeCondition() watch.Condition {
	c := watch.Condition{Name: "store"}
	if err := a.recorder.Degraded(); err != nil {
		c.Broken, c.What = true, control.Explain(err)
	}
	return c
}

// diskCondition looks at what is left for the data (statfs(2)).
func (a *App) diskCondition() watch.Condition {
	c := watch.Condition{Name: "disk"}
	var st syscall.Statfs_t
	if err := syscall.Statfs(a.options.Data, &st); err != nil {
		return c // the store will tell
	}
	left := st.Bavail * uint64(max(st.Bsize, 0))
	if left < diskLeftMin {
		c.Broken, c.What = true, text.Of("alert.what.disk", left>>20)
	}
	return c
}

// emergencyCondition is broken where there are lines, and none that is up can
// carry an emergency call.
func (a *App) emergencyCondition() watch.Condition {
	c := watch.Condition{Name: "emergency", What: text.Of("alert.what.emergency")}
	lines := a.lines.List(time.Now())
	c.Broken = len(lines) > 0
	for _, l := range lines {
		if l.Up && l.Emergency {
			c.Broken = false
		}
	}
	return c
}

// recordingsCondition is broken where calls are recorded and there is no room.
func (a *App) recordingsCondition() watch.Condition {
	c := watch.Condition{Name: "recordings", As: "recordings"}
	if a.archive == nil {
		return c // the log and the doctor say so
	}
	if st := a.archive.State(); st.Full && st.Kept+st.Making > 0 {
		c.Broken, c.What = true, text.Of("alert.what.recordings", st.Kept, st.Bytes>>20)
	}
	return c
}

// sitesCondition is broken where another site is away.
func (a *App) sitesCondition() watch.Condition {
	c := watch.Condition{Name: "sites"}
	var away []string
	for _, s := range a.sites.List() {
		if !s.Up && time.Since(s.At) > siteSettles {
			away = append(away, s.Site)
		}
	}
	if len(away) > 0 {
		c.Broken, c.What = true, text.Of("alert.what.sites", strings.Join(away, ", "))
	}
	return c
}

// planesCondition looks at this host's addresses as they are now, and tries the
// management listeners from the voice side.
func (a *App) planesCondition(ctx context.Context) (c watch.Condition, known bool) {
	ctx, cancel := context.WithTimeout(ctx, planesTimeMax)
	defer cancel()
	c.Name = "planes"
	host, err := plane.Survey()
	if err != nil {
		a.log.Warn("the planes can't be looked at", "err", err)
		return c, false
	}
	if len(a.managed) == 0 {
		return c, true
	}
	all := slices.Concat(a.voice, a.readers, a.managed)
	if err := plane.Check(all, host); err != nil {
		c.Broken, c.What = true, control.Explain(err)
		return c, true
	}
	for _, f := range plane.Reachability(ctx, all, host) {
		if f.Plane == plane.Management && f.Reach == plane.Reachable && !f.Wanted {
			c.Broken = true
			c.What = text.Of("check.reach", text.Of("check.reach.interface", f.FromName, f.From), f.To,
				text.Of(reached[f.Reach]))
			return c, true
		}
	}
	return c, ctx.Err() == nil
}
