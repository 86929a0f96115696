package app

import (
	"context"
	"time"

	"github.com/sekisho/sekisho/app/control"
)

// lampWait is how long the unit's loop may take to tell what its lamps show.
const lampWait = 2 * time.Second

func (a *App) lampList(context.Context, control.Caller, control.None) ([]control.Lamp, error) {
	lamps, ok := a.unit.Lamps(lampWait)
	if !ok {
		return nil, control.NewProblem(control.ExitFailed, "cli.lamps.busy", "cli.lamps.busy.do")
	}
	out := []control.Lamp{}
	for _, l := range lamps {
		row := control.Lamp{
			Lamp: l.Entity, Shows: l.State.Phase.String(), Device: l.State.Device, Private: l.State.Private,
			Watched: []string{},
		}
		for _, w := range l.Watchers {
			row.Watched = append(row.Watched, w.Device)
		}
		out = append(out, row)
	}
	return out, nil
}
