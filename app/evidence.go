package app

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/store"
)

// VerifyEvidence checks a data directory's evidence; the unit may run
// meanwhile or not.
func VerifyEvidence(ctx context.Context, data string) (evidence.Report, error) {
	r, err := evidence.VerifyDir(ctx, data)
	switch {
	case errors.Is(err, evidence.ErrNoKey):
		return r, control.NewProblem(control.ExitEvidence, "cli.evidence.nokey", "cli.evidence.nokey.do", data)
	case errors.Is(err, store.ErrVersion):
		return r, control.NewProblem(control.ExitConflict, "cli.evidence.version", "cli.evidence.version.do", data)
	case errors.Is(err, fs.ErrNotExist):
		return r, control.NewProblem(control.ExitNotFound, "cli.evidence.none", "cli.evidence.none.do", data)
	}
	return r, err
}
