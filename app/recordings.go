package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/metrics"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/archive"
	"github.com/sekisho/sekisho/unit/plan"
)

// recordingsDir is where recordings of calls are, in the data directory.
const recordingsDir = "recordings"

// reels gives the unit the archive's.
type reels struct{ *archive.Archive }

var _ unit.Recorder = reels{}

// Begin begins a recording.
func (r reels) Begin(f fact.Recording) (unit.Reel, error) {
	reel, err := r.Archive.Begin(f)
	if err != nil {
		return nil, err
	}
	return reel, nil
}

// openRecordings opens the archive. A unit that runs on a copy writes nothing on record,
// so it records no calls. Where the archive can't be opened calls go on without.
func (a *App) openRecordings(ctx context.Context) error {
	if a.cut != nil {
		return nil
	}
	rows, err := a.store.Recordings(ctx)
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	c := a.options.Config.Recording
	a.archive, err = archive.Open(ctx, archive.Config{
		Dir: a.path(recordingsDir), Committer: a.recorder, Days: c.Days, BytesMax: int64(c.Gigabytes) << 30, Log: a.log,
	}, rows)
	if err != nil {
		a.log.Error("no calls are recorded", "error", err)
		return nil
	}
	a.onClose(a.archive.Close)
	return nil
}

// recordings are where the unit records calls, nil for nowhere.
func (a *App) recordings() unit.Recorder {
	if a.archive == nil {
		return nil
	}
	return reels{a.archive}
}

// keepRecordings writes recordings until ctx ends.
func (a *App) keepRecordings(ctx context.Context) {
	if a.archive != nil {
		a.archive.Run(ctx)
	}
}

// measureRecordings reads the archive.
func (a *App) measureRecordings(s *metrics.Set) {
	var st archive.State
	if a.archive != nil {
		st = a.archive.State()
	}
	s.Put(metrics.Recording, float64(st.Making))
	s.Put(metrics.RecordingLost, st.Lost.Seconds())
	s.PutBool(metrics.RecordingFull, st.Full)
}

// checkRecordings says whether calls can be recorded.
func (a *App) checkRecordings() control.Check {
	c := control.Check{Name: "recording", Result: control.ResultFailed, Detail: text.Of("check.recording.away")}
	if a.archive == nil {
		return c
	}
	st := a.archive.State()
	if c.Result = control.ResultOK; st.Full {
		c.Result, c.Detail = control.ResultWarning, text.Of("check.recording.full", st.Kept, st.Bytes>>20)
		return c
	}
	c.Detail = text.Of("check.recording", st.Kept, st.Bytes>>20)
	return c
}

// recordingOperations are those on recordings of calls.
func (a *App) recordingOperations(m *control.Mux) {
	control.Handle(m, control.RecordingList, a.recordingList)
	control.Handle(m, control.RecordingGive, a.recordingGive)
	control.Handle(m, control.RecordingPiece, a.recordingPiece)
	control.Handle(m, control.RecordingDelete, a.recordingDelete)
	control.Handle(m, control.RecordingSwitch, a.recordingSwitch)
	control.Handle(m, control.RecordingAuto, a.recordingAuto)
	control.Handle(m, control.RecordingRules, a.recordingRules)
}

// noRecording says in words of people why something is not done with a recording.
func noRecording(id string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, archive.ErrNone):
		return control.NewProblem(control.ExitNotFound, "cli.recording.none", "cli.recording.none.do", id)
	case errors.Is(err, archive.ErrRunning):
		return control.NewProblem(control.ExitConflict, "cli.recording.running", "cli.recording.running.do", id)
	case errors.Is(err, archive.ErrChanged):
		return control.NewProblem(control.ExitEvidence, "cli.recording.changed", "cli.recording.changed.do", id)
	case errors.Is(err, archive.ErrFull):
		return control.NewProblem(control.ExitConflict, "cli.recording.full", "cli.recording.full.do")
	case errors.Is(err, unit.ErrNoCall):
		return control.NewProblem(control.ExitNotFound, "cli.recording.nocall", "", id)
	case errors.Is(err, unit.ErrNotRecorded):
		return control.NewProblem(control.ExitConflict, "cli.recording.not", "", id)
	case errors.Is(err, unit.ErrNotHeard):
		return control.NewProblem(control.ExitConflict, "cli.recording.codec", "cli.recording.codec.do", id)
	}
	return err
}

// noArchive says that no calls are recorded now.
func (a *App) noArchive() error {
	if a.archive == nil {
		return control.NewProblem(control.ExitConflict, "cli.recording.away", "cli.recording.away.do")
	}
	return nil
}

func (a *App) recordingList(context.Context, control.Caller, control.None) ([]fact.Recording, error) {
	if err := a.noArchive(); err != nil {
		return nil, err
	}
	return a.archive.List(), nil
}

func (a *App) recordingGive(
	ctx context.Context, by control.Caller, r control.RecordingRequest,
) (control.RecordingGiven, error) {
	if err := a.noArchive(); err != nil {
		return control.RecordingGiven{}, err
	}
	given, ticket, err := a.archive.Give(ctx, r.ID, by.Actor())
	return control.RecordingGiven{Recording: given, Ticket: ticket}, noRecording(r.ID, err)
}

func (a *App) recordingPiece(
	_ context.Context, by control.Caller, r control.RecordingPieceRequest,
) (control.RecordingBytes, error) {
	if err := a.noArchive(); err != nil {
		return control.RecordingBytes{}, err
	}
	b, err := a.archive.Piece(r.Ticket, by.Actor(), r.At)
	return control.RecordingBytes{Bytes: b}, noRecording("-", err)
}

func (a *App) recordingDelete(
	ctx context.Context, by control.Caller, r control.RecordingRequest,
) (control.None, error) {
	if err := a.noArchive(); err != nil {
		return control.None{}, err
	}
	return control.None{}, noRecording(r.ID, a.archive.Delete(ctx, r.ID, by.Actor()))
}

// recordingSwitch does what a person wants of the recording of a call.
func (a *App) recordingSwitch(
	ctx context.Context, by control.Caller, r control.RecordingSwitchRequest,
) (control.None, error) {
	wants := map[string]plan.Action{
		"on": plan.RecordOn, "off": plan.RecordOff, "pause": plan.RecordPause, "resume": plan.RecordResume,
	}
	want, ok := wants[r.Want]
	if !ok {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.badrequest", "", r.Want)
	}
	if err := a.noArchive(); err != nil {
		return control.None{}, err
	}
	return control.None{}, noRecording(r.Extension, a.unit.Record(ctx, r.Extension, want, by.Actor()))
}

// recordingAuto has calls be recorded from their beginning, or not.
func (a *App) recordingAuto(
	ctx context.Context, by control.Caller, r control.RecordingAutoRequest,
) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.ServiceSet{Extension: r.Scope, Service: fact.ServiceRecord, On: r.On, By: by.Actor(), At: now()}
	known := r.Scope == fact.ScopeUnit || slices.Contains(a.phones.Extensions(), r.Scope) ||
		slices.Contains(a.ownNumbers(), r.Scope)
	if !known && (r.On || !a.routed(f.RoutingID())) {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.recording.scope", "", r.Scope)
	}
	return control.None{}, a.setRouting(ctx, f)
}

// recordingRules lists whose calls are recorded from their beginning.
func (a *App) recordingRules(context.Context, control.Caller, control.None) ([]control.RecordingRule, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.RecordingRule
	for _, f := range a.state.routing {
		if f, ok := f.(fact.ServiceSet); ok && f.Service == fact.ServiceRecord {
			out = append(out, control.RecordingRule{Scope: f.Extension, By: f.By, At: f.At})
		}
	}
	slices.SortFunc(out, func(x, y control.RecordingRule) int { return cmp.Compare(x.Scope, y.Scope) })
	return out, nil
}
