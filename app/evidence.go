package app

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/store"
)

// VerifyEvidence checks a unit's evidence; the unit may run meanwhile or not.
func VerifyEvidence(ctx context.Context, data string, c config.Store) (evidence.Report, error) {
	where, err := storeAt(c, data)
	if err != nil {
		return evidence.Report{}, err
	}
	r, err := evidence.VerifyStore(ctx, data, where)
	switch {
	case errors.Is(err, evidence.ErrNoKey):
		return r, control.NewProblem(control.ExitEvidence, "cli.evidence.nokey", "cli.evidence.nokey.do", data)
	case errors.Is(err, store.ErrVersion), where.DSN != "" && err != nil:
		return r, storeProblem(err, place(c, data))
	case errors.Is(err, fs.ErrNotExist):
		return r, control.NewProblem(control.ExitNotFound, "cli.evidence.none", "cli.evidence.none.do", data)
	}
	return r, err
}
