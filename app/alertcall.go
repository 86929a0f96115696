package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/ring"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
)

// callRoutes makes the channels that call somebody by telephone.
func (a *App) callRoutes(c config.Alerts) []alert.Route {
	lang, _ := text.ParseLang(c.Language)
	turn := ring.NewTurn(time.Now)
	var out []alert.Route
	for _, one := range c.Call {
		one = one.Seen()
		numbers := make([]string, len(one.Numbers))
		for i, n := range one.Numbers {
			numbers[i] = digitsOf(n)
		}
		office := func() string {
			if one.Office != "" {
				return one.Office
			}
			return a.officeNumber()
		}
		out = append(out, alert.Route{
			Name: one.Name, Type: "call", Target: strings.Join(numbers, ", "), Wants: one.Wants,
			Channel: ring.New(ring.Config{
				Numbers: numbers, Tries: one.Tries, Pause: time.Duration(one.PauseSeconds) * time.Second,
				Ring: time.Duration(one.RingSeconds) * time.Second, Lang: lang, Office: office, Call: a.tellAloud,
				Turn: turn,
			}),
		})
	}
	return out
}

// officeNumber is the first number of the first line, "" where there is none.
func (a *App) officeNumber() string {
	for _, l := range a.lines.List(time.Now()) {
		if len(l.Numbers) > 0 {
			return l.Numbers[0].Number
		}
	}
	return ""
}

// tellAloud has the unit call a number and tell what there is to be told.
func (a *App) tellAloud(ctx context.Context, s ring.Speech) (ring.Outcome, error) {
	end, err := a.unit.Tell(ctx, unit.Notice{
		Number: s.Number, Ring: s.Ring, Lang: s.Lang, Items: s.Items, Thanks: s.Thanks,
	})
	o := ring.Outcome{
		Call: end.Call, Answered: end.Answered, Heard: end.Heard, Acknowledged: end.Acknowledged,
		Why: ring.WhyNotReached,
	}
	switch {
	case errors.Is(err, unit.ErrNotTold):
		o.Why = ring.WhyNumber
	case end.Rule != "":
		o.Why = ring.WhyGate
	case end.Why == "busy":
		o.Why = ring.WhyBusy
	case end.Why == "no answer":
		o.Why = ring.WhyNoAnswer
	}
	return o, err
}

// checkCalls looks whether the gate lets the unit call whom it is to tell.
func (a *App) checkCalls(at time.Time) []control.Check {
	var out []control.Check
	for _, c := range a.options.Config.Alerts.Call {
		for _, n := range c.Numbers {
			one := control.Check{
				Name: "alerts", Of: plain(c.Name + " " + digitsOf(n)), Result: control.ResultOK,
				Detail: text.Of("check.alerts.call"),
			}
			if why, barred := barredCall(a.unit.CheckNotice(digitsOf(n), at)); barred {
				one.Result, one.Detail = control.ResultFailed, text.Of("check.alerts.barred", why)
			}
			out = append(out, one)
		}
	}
	return out
}

// barredCall tells why no line carries a call of the unit's own.
func barredCall(t unit.Trace) (why text.Message, barred bool) {
	switch {
	case t.Kind == "internal":
		return text.Message{}, false
	case t.Kind == "refuse" || !t.Destination.Class.Outside():
		return text.Of("alert.why.number"), true
	}
	for _, l := range t.Lines {
		switch {
		case l.Carries():
			return text.Message{}, false
		case l.Fault != nil:
			why = control.Explain(l.Fault)
		default:
			why = text.Of(text.Key(l.Verdict.Reason))
		}
	}
	return why, true
}
