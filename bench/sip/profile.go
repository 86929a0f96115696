package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// profiles are what the unit spends its processor's time on in the steps of a run.
type profiles struct {
	dir     string
	at      string // where the unit answers for them
	seconds int    // of a step

	mu    sync.Mutex
	taken []string // files
	errs  []error
}

// newProfiles takes profiles of steps of a duration.
func newProfiles(b *bed, step time.Duration) *profiles {
	return &profiles{
		dir: b.dir, at: fmt.Sprintf("%s:%d", b.management(), portManagement), seconds: max(1, int(step.Seconds())),
	}
}

// profiled is a system that says what it spends its time on.
type profiled interface {
	// profile begins to take a step's profile; end waits for it.
	profile() (end func())
}

var _ profiled = (*unit)(nil)

// profile implements profiled.
func (u *unit) profile() (end func()) {
	p := u.bed.profiles
	if p == nil {
		return func() {}
	}
	var all sync.WaitGroup
	all.Go(func() { // ends with the unit's answer
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.take(); err != nil {
			p.errs = append(p.errs, err)
		}
	})
	return all.Wait
}

// take asks the unit for its profile of the next seconds. The caller holds p.mu.
func (p *profiles) take() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(p.seconds)*time.Second+askTime)
	defer cancel()
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.at, p.seconds)
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(ask)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	doc, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: %s: %w", r.Status, errors.Join(err, errNoProfile))
	}
	path := filepath.Join(p.dir, fmt.Sprintf("cpu-%d.pprof", len(p.taken)))
	p.taken = append(p.taken, path)
	return os.WriteFile(path, doc, 0o600)
}

// errNoProfile says that the unit gave no profile.
var errNoProfile = errors.New("the unit gave no profile")

// write writes all profiles into one file.
func (p *profiles) write(ctx context.Context, path string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := errors.Join(p.errs...); err != nil || len(p.taken) == 0 {
		return errors.Join(errNoProfile, err)
	}
	merge := append([]string{"tool", "pprof", "-proto", "-output", path}, p.taken...)
	if out, err := exec.CommandContext(ctx, "go", merge...).CombinedOutput(); err != nil {
		return fmt.Errorf("merge the profiles: %w\n%s", err, out)
	}
	return nil
}
