package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/sekisho/sekisho/evidence/chain"
)

// Leaves gives the records from the index on, in their order.
func (r *Reader) Leaves(ctx context.Context, from uint64) iter.Seq2[chain.Record, error] {
	return sequence(ctx, r, func(rows *sql.Rows) (rec chain.Record, err error) {
		err = rows.Scan(&rec.Seq, &rec.Kind, &rec.Subject, &rec.Leaf, &rec.Body, &rec.Private)
		return rec, err
	}, `SELECT seq, kind, subject, leaf, body, private FROM leaf WHERE seq >= ? ORDER BY seq`, from)
}

// StoredHashes gives the hashes of the tree as stored, in their order. One
// that was cut short is zero.
func (r *Reader) StoredHashes(ctx context.Context) iter.Seq2[chain.Stored, error] {
	return func(yield func(chain.Stored, error) bool) {
		for l, err := range sequence(ctx, r, scanHashes, `SELECT seq, hashes FROM leaf ORDER BY seq`) {
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

func scanHashes(rows *sql.Rows) (l leafHashes, err error) {
	err = rows.Scan(&l.seq, &l.hashes)
	return l, err
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
