package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"

	"github.com/sekisho/sekisho/store/engine"
)

// ErrVersion says that the tables of a store are those of another version of
// Sekisho. Where it is not ErrNewer or ErrUnknown they are those of an older one,
// which a unit that starts brings up to date.
var (
	ErrVersion = errors.New("store of another version")
	ErrNewer   = fmt.Errorf("%w: a newer one", ErrVersion)
	ErrUnknown = fmt.Errorf("%w: none that is known", ErrVersion)
)

// migrate brings the tables up to date, or founds them. What is not known to be
// ours is left as it is.
func migrate(ctx context.Context, db *sql.DB, about engine.About) error {
	p, err := migrations(db, about)
	if err != nil {
		return err
	}
	if _, err := versionOf(ctx, db, p, about); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// current gives ErrVersion where a store's tables are not those of this version.
func current(ctx context.Context, db *sql.DB, about engine.About) error {
	p, err := migrations(db, about)
	if err != nil {
		return err
	}
	version, err := versionOf(ctx, db, p, about)
	if err != nil {
		return err
	}
	switch ours := newest(p); version {
	case ours:
		return nil
	case 0:
		return fmt.Errorf("%w: it has no tables", ErrUnknown)
	default:
		return fmt.Errorf("%w: %d, not %d", ErrVersion, version, ours)
	}
}

func migrations(db *sql.DB, about engine.About) (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.Dialect(about.Dialect), db, about.Schema)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// newest is the version of this version's tables.
func newest(p *goose.Provider) (version int64) {
	for _, s := range p.ListSources() {
		version = max(version, s.Version)
	}
	return version
}

// versionOf tells the version of a store's tables, 0 of an empty one.
func versionOf(ctx context.Context, db *sql.DB, p *goose.Provider, about engine.About) (version int64, err error) {
	var all, marks int
	row := db.QueryRowContext(ctx, about.Words(about.Tables), goose.DefaultTablename)
	if err := row.Scan(&all, &marks); err != nil {
		return 0, err
	}
	switch {
	case all == 0:
		return 0, nil
	case marks == 0:
		return 0, fmt.Errorf("%w: %d tables", ErrUnknown, all)
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename).Scan(&version)
	if err != nil {
		return 0, err
	}
	known := func(s *goose.Source) bool { return s.Version == version }
	switch ours := newest(p); {
	case version > ours:
		return version, fmt.Errorf("%w: %d, not %d", ErrNewer, version, ours)
	case version != 0 && !slices.ContainsFunc(p.ListSources(), known):
		return version, fmt.Errorf("%w: %d", ErrUnknown, version)
	}
	return version, nil
}
