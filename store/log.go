package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/sekisho/sekisho/evidence/chain"
)

// Leaves gives the records from the index on, in their order.
func (r *Reader) Leaves(ctx context.Context, from uint64) iter.Seq2[chain.Record, error] {
	read := func(scan func(...any) error) (rec chain.Record, at uint64, err error) {
		err = scan(&rec.Seq, &rec.Kind, &rec.Subject, &rec.Leaf, &rec.Body, &rec.Private)
		return rec, rec.Seq, err
	}
	return paged(ctx, r, int64(min(from, math.MaxInt64)), read,
		`SELECT seq, kind, subject, leaf, body, private FROM leaf WHERE seq >= ? ORDER BY seq LIMIT ?`)
}

// StoredHashes gives the hashes of the tree as stored, in their order. One
// that was cut short is zero.
func (r *Reader) StoredHashes(ctx context.Context) iter.Seq2[chain.Stored, error] {
	return func(yield func(chain.Stored, error) bool) {
		const query = `SELECT seq, hashes FROM leaf WHERE seq >= ? ORDER BY seq LIMIT ?`
		for l, err := range paged(ctx, r, math.MinInt64, scanHashes, query) {
			s := chain.Stored{Index: chain.FirstHash(l.seq)}
			if err != nil && !yield(s, err) {
				return
			}
			for b := range slices.Chunk(l.hashes, hashBytes) {
				if s.Hash = (chain.Hash{}); len(b) == hashBytes {
					s.Hash = chain.Hash(b)
				}
				if !yield(s, nil) {
					return
				}
				s.Index++
			}
		}
	}
}

// leafHashes are the hashes that stand with one leaf.
type leafHashes struct {
	seq    uint64
	hashes []byte
}

func scanHashes(scan func(...any) error) (l leafHashes, at uint64, err error) {
	err = scan(&l.seq, &l.hashes)
	return l, l.seq, err
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

// paged reads leaves in pages, so that nothing is open while they are handed on: a
// connection of PostgreSQL reads one thing at a time. The values of the query are
// the first leaf and the number of them.
func paged[T any](ctx context.Context, r *Reader, from int64,
	read func(scan func(...any) error) (v T, at uint64, err error), query string,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			page := make([]T, 0, pageMax)
			err := r.each(ctx, func(scan func(...any) error) error {
				v, at, err := read(scan)
				if err != nil {
					return err
				}
				page, from = append(page, v), int64(at)+1
				return nil
			}, query, from, pageMax)
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
			}
			if err != nil || len(page) < pageMax || from == math.MinInt64 {
				return
			}
		}
	}
}

func sequence[T any](ctx context.Context, r *Reader, read func(*sql.Rows) (T, error),
	query string, args ...any,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := r.q.QueryContext(ctx, r.about.Words(query), args...)
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
