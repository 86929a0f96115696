package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/sekisho/sekisho/evidence/chain"
)

// Leaves gives the records from the index on, in their order.
func (r *Reader) Leaves(ctx context.Context, from uint64) iter.Seq2[chain.Record, error] {
	return sequence(ctx, r, func(rows *sql.Rows) (rec chain.Record, err error) {
		err = rows.Scan(&rec.Seq, &rec.Kind, &rec.Subject, &rec.Leaf, &rec.Body, &rec.Private)
		return rec, err
	}, `SELECT seq, kind, subject, leaf, body, private FROM leaf WHERE seq >= ? ORDER BY seq`, from)
}

// StoredHashes gives the hash table in its order.
func (r *Reader) StoredHashes(ctx context.Context) iter.Seq2[chain.Stored, error] {
	return sequence(ctx, r, func(rows *sql.Rows) (s chain.Stored, err error) {
		var b []byte
		err = rows.Scan(&s.Index, &b)
		if len(b) == len(s.Hash) {
			s.Hash = chain.Hash(b)
		}
		return s, err
	}, `SELECT i, hash FROM hash ORDER BY i`)
}

// Checkpoints lists the notes of all checkpoints by size, as stored:
// signatures are not checked here.
func (r *Reader) Checkpoints(ctx context.Context) ([][]byte, error) {
	var out [][]byte
	err := r.each(ctx, func(scan func(...any) error) error {
		var note []byte
		err := scan(&note)
		out = append(out, note)
		return err
	}, `SELECT note FROM checkpoint ORDER BY size`)
	return out, err
}

func sequence[T any](ctx context.Context, r *Reader, read func(*sql.Rows) (T, error),
	query string, args ...any,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := r.q.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, fmt.Errorf("read store: %w", err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			v, err := read(rows)
			if !yield(v, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("read store: %w", err))
		}
	}
}
