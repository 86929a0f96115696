package ring

import (
	"context"
	"errors"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
)

// Speech is a call to be made: Items are told one after the other, each as the
// names of sentences and words (unit/media/prompt), "" for a rest.
type Speech struct {
	Number string
	Ring   time.Duration
	Lang   text.Lang
	Items  [][]string
	Thanks []string
}

// Outcome is what came of a call.
type Outcome struct {
	Call                string // in the evidence, "" where there was none
	Answered            bool
	Heard, Acknowledged int    // items, from the first
	Why                 string // why nobody answered, one of the Why words
}

// Why nobody answered. The stable words are those of alert.why in package text.
const (
	WhyGate       = "gate"   // the gate refused
	WhyNumber     = "number" // no number of the unit's, or one that it never calls
	WhyBusy       = "busy"
	WhyNoAnswer   = "no-answer"
	WhyNotReached = "not-reached"
	// whyUnconfirmed is of a call that was answered.
	whyUnconfirmed = "not-acknowledged"
	// whyHourly is of a test beyond HourlyMax.
	whyHourly = "hourly"
)

// Config is one channel.
type Config struct {
	Numbers []string      // called in this order
	Tries   int           // of each number
	Pause   time.Duration // between two calls
	Ring    time.Duration // how long it may ring
	Lang    text.Lang
	// Office is the telephone number that says which office it is, in digits; ""
	// says nothing. It is asked for each call.
	Office func() string
	Call   func(ctx context.Context, s Speech) (Outcome, error)
	Turn   *Turn
}

// Ring is a channel.
type Ring struct{ c Config }

var _ alert.Teller = (*Ring)(nil)

// New makes a channel.
func New(c Config) *Ring { return &Ring{c} }

// Attempts is how many calls there are before an alert is given up.
func (r *Ring) Attempts() int { return r.c.Tries * len(r.c.Numbers) }

// Send calls the first number that answers, for a test alert.
func (r *Ring) Send(ctx context.Context, l alert.Letter) (string, error) {
	told, err := alert.Told{}, error(nil)
	for attempt := 0; attempt < r.Attempts(); attempt += r.c.Tries {
		turn, cancel := context.WithTimeout(ctx, waitMax)
		told, err = r.tell(ctx, turn, attempt, []alert.Letter{l})
		cancel()
		if err == nil || told.Heard > 0 || ctx.Err() != nil {
			break
		}
	}
	if later, ok := errors.AsType[*alert.LaterError](err); ok {
		return "", &alert.Failure{Word: whyHourly, Answer: later.Error()}
	}
	if err != nil {
		return "", err
	}
	return "1", nil
}

// Tell calls the number whose attempt it is.
func (r *Ring) Tell(ctx context.Context, attempt int, letters []alert.Letter) (alert.Told, error) {
	return r.tell(ctx, ctx, attempt, letters)
}

// tell waits for its turn as long as the context turn lasts.
func (r *Ring) tell(ctx, turn context.Context, attempt int, letters []alert.Letter) (alert.Told, error) {
	release, err := r.c.Turn.take(turn)
	if err != nil {
		return alert.Told{}, err
	}
	defer release()
	n := min(attempt/r.c.Tries, len(r.c.Numbers)-1)
	s := Speech{
		Number: r.c.Numbers[n], Ring: r.c.Ring, Lang: r.c.Lang, Thanks: []string{"alert-thanks"},
	}
	for i, l := range letters[:min(len(letters), ItemsMax)] {
		s.Items = append(s.Items, r.item(l, len(letters)-1-i))
	}
	call, cancel := context.WithTimeout(ctx, CallTimeMax)
	o, err := r.c.Call(call, s)
	cancel()
	if err != nil && o.Why == "" {
		o.Why = WhyNotReached
	}
	told := alert.Told{
		Call: o.Call, Offered: len(s.Items), Heard: o.Heard, Acknowledged: o.Acknowledged, Next: attempt + 1,
		Pause: r.c.Pause,
	}
	switch {
	case o.Acknowledged == len(s.Items):
		return told, nil
	case o.Answered:
		return told, &alert.Failure{Word: whyUnconfirmed}
	case o.Why == WhyGate || o.Why == WhyNumber: // calling again changes nothing
		told.Next, told.Pause = (n+1)*r.c.Tries, 0
	}
	return told, &alert.Failure{Word: o.Why}
}

// tokyo is the zone people hear times in.
var tokyo = time.FixedZone("JST", 9*60*60)

// item says an alert: which office, what happened, which extension, when, how
// many more wait, and what to press.
func (r *Ring) item(l alert.Letter, more int) []string {
	said := []string{"alert-hello"}
	if office := r.c.Office(); office != "" {
		said = append(append(said, "alert-office"), speech.Digits(office)...)
		said = append(said, "")
	}
	said = append(said, "alert-"+l.Kind)
	if l.Notice == string(watch.Again) {
		said = append(said, "alert-again")
	}
	if l.Extension != "" {
		said = append(append(said, "word-extension"), speech.Digits(l.Extension)...)
		said = append(said, "")
	}
	at := l.Since.In(tokyo)
	said = append(append(said, "word-time"), speech.Clock(r.c.Lang, at)...)
	if more > 0 {
		said = append(append(said, "alert-more"), speech.Count(r.c.Lang, int64(more), speech.Items)...)
	}
	return append(said, "alert-press")
}
