package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/attendant"
)

// greetings are what mailboxes say to callers that say something of their own. How long
// that is is known; the sound is read when it is played.
type greetings struct {
	app *App

	mu      sync.Mutex
	seconds map[string]int // by extension
}

var _ attendant.Greeter = (*greetings)(nil)

// errGreeting says that a greeting is too long, or there are too many.
var errGreeting = errors.New("no room for this greeting")

// load reads which there are.
func (g *greetings) load(ctx context.Context) error {
	all, err := g.app.store.Greetings(ctx)
	if err != nil {
		return fmt.Errorf("greetings: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seconds = make(map[string]int, len(all))
	for _, f := range all {
		g.seconds[f.Extension] = f.Seconds
	}
	return nil
}

// of is how long a mailbox's own greeting is, 0 where it has none.
func (g *greetings) of(extension string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seconds[extension]
}

// Greeting reads what a mailbox says.
func (g *greetings) Greeting(extension string, done func(mu []byte, err error)) {
	if g.of(extension) == 0 {
		done(nil, nil)
		return
	}
	g.app.boxes.want(func(ctx context.Context) ([]byte, error) {
		return g.app.store.GreetingSound(ctx, extension)
	}, done)
}

// SetGreeting sets what a mailbox says, by telephone.
func (g *greetings) SetGreeting(
	extension string, mu []byte, by attendant.Caller, at time.Time, done func(error),
) {
	g.set(fact.GreetingSet{Extension: extension, Sound: mu, By: hearer(by), Call: by.Call, At: at.UTC()}, done)
}

// set writes what a mailbox says.
func (g *greetings) set(f fact.GreetingSet, done func(error)) {
	f.Seconds = (len(f.Sound) + soundBytes - 1) / soundBytes
	g.mu.Lock()
	before, room := g.seconds[f.Extension], f.Seconds
	for extension, seconds := range g.seconds {
		if extension != f.Extension {
			room += seconds
		}
	}
	fits := time.Duration(f.Seconds)*time.Second <= attendant.GreetingMax && room*soundBytes <= greetingBytesMax
	g.mu.Unlock()
	switch {
	case !fits:
		done(errGreeting)
		return
	case before == 0 && f.Seconds == 0:
		done(nil)
		return
	}
	g.app.boxes.commit([]fact.Fact{f}, func(err error) {
		if err == nil {
			g.mu.Lock()
			if g.seconds[f.Extension] = f.Seconds; f.Seconds == 0 {
				delete(g.seconds, f.Extension)
			}
			g.mu.Unlock()
		}
		done(err)
	})
}

// setNow is set for who waits.
func (g *greetings) setNow(ctx context.Context, f fact.GreetingSet) error {
	done := make(chan error, 1)
	g.set(f, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mailboxGreeting sets what a mailbox says, by command.
func (a *App) mailboxGreeting(ctx context.Context, by control.Caller, r control.GreetingRequest) (control.None, error) {
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.None{}, noPhone(r.Extension)
	}
	err := a.greets.setNow(ctx, fact.GreetingSet{Extension: r.Extension, Sound: r.Mu, By: by.Actor(), At: now()})
	if errors.Is(err, errGreeting) {
		most := int(attendant.GreetingMax.Seconds())
		err = control.NewProblem(control.ExitUsage, "cli.mailbox.greeting.toolong", "", most)
	}
	return control.None{}, err
}

// forgetGreeting takes the greeting away of an extension that has no phone any more.
func (a *App) forgetGreeting(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	return a.greets.setNow(ctx, fact.GreetingSet{Extension: extension, By: by, At: now()})
}
