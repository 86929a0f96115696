package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/plane"
)

// reachTimeMax bounds the trying of listeners.
const reachTimeMax = 20 * time.Second

// doctor looks at everything that a person would want to know is well.
func (a *App) doctor(ctx context.Context, _ control.Caller, r control.DoctorRequest) ([]control.Check, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeMax)
	defer cancel()
	checks := []control.Check{a.checkClaim(), a.checkStore()}
	checks = append(checks, a.checkFiles()...)
	a.mu.Lock()
	lines := a.listLines()
	a.mu.Unlock()
	for _, l := range lines {
		c := control.Check{Name: "line " + l.ID, Result: "ok", Detail: "up"}
		if l.State != "up" {
			c.Result, c.Detail = "failed", l.Reason
		} else if l.Warning != "" {
			c.Result, c.Detail = "warning", l.Warning
		}
		checks = append(checks, c)
	}
	for _, w := range a.lines.Warnings() {
		if w.Line == "" {
			checks = append(checks, control.Check{Name: "lines", Result: "warning", Detail: w.Key})
		}
	}
	reach, err := a.checkReach(ctx, r.From)
	if err != nil {
		return nil, err
	}
	return append(checks, reach...), nil
}

func (a *App) checkClaim() control.Check {
	if a.Status().Claimed {
		return control.Check{Name: "claim", Result: "ok", Detail: "claimed"}
	}
	return control.Check{Name: "claim", Result: "warning", Detail: "not claimed: internal and emergency calls only"}
}

func (a *App) checkStore() control.Check {
	if err := a.recorder.Degraded(); err != nil {
		return control.Check{Name: "store", Result: "failed", Detail: err.Error()}
	}
	return control.Check{Name: "store", Result: "ok", Detail: fmt.Sprintf("%d leaves, signed up to %d",
		a.store.Head().Size, a.recorder.Signed())}
}

// checkFiles looks at the modes of what must be readable by the owner only.
func (a *App) checkFiles() []control.Check {
	var out []control.Check
	for _, name := range []string{sealKeyFile, evidence.KeyFile, evidence.StoreFile, controlFile} {
		c := control.Check{Name: "file " + name, Result: "ok"}
		info, err := os.Stat(a.path(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.Result, c.Detail = "failed", "missing"
		case err != nil:
			c.Result, c.Detail = "failed", err.Error()
		default:
			c.Detail = info.Mode().Perm().String()
			if info.Mode().Perm()&0o077 != 0 {
				c.Result = "failed"
			}
		}
		out = append(out, c)
	}
	return out
}

// checkReach tries the listeners from the host's addresses, and from another
// network namespace where one is named. From anywhere else it is not tested,
// and says so.
func (a *App) checkReach(ctx context.Context, namespace string) ([]control.Check, error) {
	management, err := a.management()
	if err != nil {
		return nil, err
	}
	all := append(append([]plane.Listener(nil), a.voice...), management...)
	var out []control.Check
	for _, f := range plane.Reachability(ctx, all, a.host) {
		out = append(out, reachCheck("from "+f.FromName+" "+f.From.String(), f))
	}
	if namespace == "" {
		return append(out, control.Check{
			Name: "reach from outside", Result: "not tested", Detail: "no other side was named (--from-namespace)",
		}), nil
	}
	found, err := plane.ReachabilityFrom(ctx, namespace, all, a.host)
	if err != nil {
		c := control.Check{Name: "reach from " + namespace, Result: "not tested", Detail: err.Error()}
		return append(out, c), nil
	}
	for _, f := range found {
		out = append(out, reachCheck("from namespace "+namespace, f))
	}
	return out, nil
}

func reachCheck(from string, f plane.Finding) control.Check {
	c := control.Check{
		Name: "reach " + f.Plane.String() + " " + f.Listener, Result: "ok",
		Detail: from + " to " + f.To.String() + ": " + f.Reach.String(),
	}
	if f.Reach == plane.NotTested {
		c.Result = "not tested"
	} else if !f.Wanted {
		c.Result = "failed"
	}
	return c
}
