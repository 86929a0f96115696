package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// syncs is how long the disk below the data directory takes to make 4 KiB
// durable: no verdict is faster.
type syncs struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

// syncTimes measures it.
func syncTimes(dir string) (syncs, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return syncs{}, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	var took []time.Duration
	for range syncProbes {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return syncs{}, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return syncs{}, fmt.Errorf("fdatasync: %w", err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return syncs{ms(took[len(took)/2]), ms(took[len(took)-1])}, nil
}
