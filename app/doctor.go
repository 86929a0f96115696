package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// reachTimeMax bounds the trying of listeners.
const reachTimeMax = 20 * time.Second

// doctor looks at everything that a person would want to know is well.
func (a *App) doctor(ctx context.Context, _ control.Caller, r control.DoctorRequest) ([]control.Check, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeMax)
	defer cancel()
	checks := []control.Check{a.checkClaim(), a.checkStore(), a.checkEngine(ctx), a.checkMedia(), a.checkMusic()}
	checks = append(checks, a.checkRecordings())
	checks = append(checks, a.checkWay()...)
	low, high, err := a.options.Config.Media.PortRange()
	if err == nil { // it was read at the start
		checks = append(checks, checkOpenFiles(plane.OpenFiles(), int(high)-int(low)+1)...)
	}
	checks = append(checks, a.checkFiles()...)
	checks = append(append(checks, a.checkApart()...), a.checkWatch())
	checks = append(append(checks, a.checkPINs()...), a.checkMail()...)
	a.mu.Lock()
	lines := a.listLines()
	a.mu.Unlock()
	for _, l := range lines {
		checks = append(checks, checkLine(l))
	}
	for _, w := range a.lines.Warnings() {
		if w.Line == "" {
			checks = append(checks, control.Check{
				Name: "lines", Result: control.ResultWarning, Detail: text.Of(text.Key(w.Key)),
			})
		}
	}
	checks = append(checks, a.checkAlerts(ctx)...)
	reach, err := a.checkReach(ctx, r.From)
	if err != nil {
		return nil, err
	}
	return append(checks, reach...), nil
}

func checkLine(l control.Line) control.Check {
	c := control.Check{Name: "line", Of: plain(l.ID), Result: control.ResultOK, Detail: text.Of("check.up")}
	switch {
	case l.Reason != nil:
		c.Result, c.Detail = control.ResultFailed, *l.Reason
	case l.Warning != nil:
		c.Result, c.Detail = control.ResultWarning, *l.Warning
	}
	return c
}

// plain is a name as a message: it is the same in every language.
func plain(name string) text.Message { return text.Of("check.of", name) }

func (a *App) checkClaim() control.Check {
	if st := a.Status(); st.Claimed {
		return control.Check{Name: "claim", Result: control.ResultOK, Detail: text.Of("cli.status.claimed", st.Owner)}
	}
	return control.Check{Name: "claim", Result: control.ResultWarning, Detail: text.Of("cli.status.unclaimed")}
}

func (a *App) checkStore() control.Check {
	if err := a.recorder.Degraded(); err != nil {
		return control.Check{Name: "store", Result: control.ResultFailed, Detail: control.Explain(err)}
	}
	return control.Check{
		Name: "store", Result: control.ResultOK,
		Detail: text.Of("check.store", a.store.Head().Size, a.recorder.Signed()),
	}
}

// checkApart says what is set apart: somebody may have forgotten it.
func (a *App) checkApart() []control.Check {
	apart := a.Status().Apart
	if len(apart) == 0 {
		return []control.Check{{Name: "quarantine", Result: control.ResultOK, Detail: text.Of("check.quarantine.none")}}
	}
	var out []control.Check
	for _, q := range apart {
		out = append(out, control.Check{
			Name: "quarantine", Of: plain(q.ID), Result: control.ResultWarning,
			Detail: text.Of("check.quarantine", q.What(), q.CreatedBy),
		})
	}
	return out
}

// checkMedia says which engine moves the packets of calls. Without io_uring
// calls work as well, but fewer at once: a warning where it was asked for.
func (a *App) checkMedia() control.Check {
	name, why := a.relay.Engine()
	c := control.Check{Name: "media", Of: plain(name), Result: control.ResultOK}
	c.Detail = text.Of("check.media." + text.Key(name))
	if why != nil {
		c.Detail = text.Of("check.media.fallback", why)
		if a.options.Config.Media.Engine != "" {
			c.Result = control.ResultWarning
		}
	}
	return c
}

// checkFiles looks at the modes of what must be readable by the owner only.
func (a *App) checkFiles() []control.Check {
	var out []control.Check
	names := []string{sealKeyFile, evidence.KeyFile, controlFile}
	if a.options.Config.Store.Engine == store.SQLite {
		names = append(names, evidence.StoreFile)
	} else {
		names = append(names, spareFile)
	}
	for _, name := range names {
		c := control.Check{Name: "file", Of: plain(name), Result: control.ResultOK}
		info, err := os.Stat(a.path(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.Result, c.Detail = control.ResultFailed, text.Of("check.file.missing")
		case err != nil:
			c.Result, c.Detail = control.ResultFailed, control.Explain(err)
		case info.Mode().Perm()&0o077 != 0:
			c.Result, c.Detail = control.ResultFailed, text.Of("check.file.open", info.Mode().Perm())
		default:
			c.Detail = text.Of("check.file.private", info.Mode().Perm())
		}
		out = append(out, c)
	}
	return out
}

// checkReach tries the listeners from the host's addresses, and from another
// network namespace where one is named: to those of TCP and TLS it connects,
// those of UDP it asks, on this host only. From anywhere else it is not
// tested, and says so.
func (a *App) checkReach(ctx context.Context, namespace string) ([]control.Check, error) {
	all := slices.Concat(a.voice, a.readers, a.managed)
	var out []control.Check
	for _, f := range plane.Reachability(ctx, all, a.host) {
		out = append(out, reachCheck(text.Of("check.reach.interface", f.FromName, f.From), f))
	}
	out = append(out, a.askListeners(ctx)...)
	if namespace == "" {
		return append(out, control.Check{
			Name: "reach", Of: text.Of("check.reach.outside"), Result: control.ResultNotTested,
			Detail: text.Of("check.reach.unnamed"),
		}), nil
	}
	found, err := plane.ReachabilityFrom(ctx, namespace, all, a.host)
	if err != nil {
		return append(out, control.Check{
			Name: "reach", Of: text.Of("check.reach.outside"), Result: control.ResultNotTested,
			Detail: text.Of("check.reach.namespace", namespace, control.Explain(err)),
		}), nil
	}
	for _, f := range found {
		out = append(out, reachCheck(text.Of("check.reach.from", namespace), f))
	}
	return out, nil
}

// reached is what people read of a probe.
var reached = map[plane.Reach]text.Key{
	plane.NotTested: "reach.not-tested", plane.Reachable: "reach.reachable", plane.Refused: "reach.refused",
	plane.Unreachable: "reach.unreachable",
}

func listenerNamed(p plane.Kind, name string) text.Message {
	return text.Of("check.reach.listener", text.Of(text.Key("plane."+p.String())), name)
}

func reachCheck(from text.Message, f plane.Finding) control.Check {
	c := control.Check{
		Name: "reach", Of: listenerNamed(f.Plane, f.Listener),
		Result: control.ResultOK,
		Detail: text.Of("check.reach", from, f.To, text.Of(reached[f.Reach])),
	}
	if f.Reach == plane.NotTested {
		c.Result = control.ResultNotTested
	} else if !f.Wanted {
		c.Result = control.ResultFailed
	}
	return c
}
