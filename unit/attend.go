package unit

import (
	"context"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// attend begins to keep the lines registered and watched, and the phone
// registry up to date, on shard 0 until the stack stops.
func (u *Unit) attend(ctx context.Context) error {
	began := make(chan struct{})
	err := onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) {
		u.tender, _ = sh.Seat(true) // the first of all
		u.summaries.seat, _ = sh.Seat(true)
		u.tendLines(sh)
		u.tendPhones(sh)
		u.tendSites(sh)
		u.lamps.mode(sh)
		close(began)
	})
	if err != nil {
		return err
	}
	select {
	case <-began:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tendSoon looks at the lines' needs at once, from any goroutine.
func (u *Unit) tendSoon() {
	if u.soon.CompareAndSwap(false, true) {
		u.tender.Post(func(sh *stack.Shard) {
			u.soon.Store(false)
			u.tendLines(sh)
		})
	}
}

// tendPhones gives the registry its time.
func (u *Unit) tendPhones(sh *stack.Shard) {
	now := sh.Now()
	sh.At(later(u.cfg.Phones.Tick(now), now), u.tendPhones)
}

// tendLines sends what the lines want to have sent, and comes back when more
// is due.
func (u *Unit) tendLines(sh *stack.Shard) {
	u.mu.Lock()
	closing := u.closing
	u.mu.Unlock()
	if closing {
		return
	}
	now := sh.Now()
	tasks, next := u.cfg.Lines.Due(now)
	for _, t := range tasks {
		u.sendTask(sh, t, func() {})
	}
	if u.tending != nil {
		u.tending.Stop()
	}
	u.tending = sh.At(later(next, now), u.tendLines)
}

// later keeps what is due again at once from keeping the loop busy.
func later(next, now time.Time) time.Time {
	if soonest := now.Add(TendEvery); next.Before(soonest) {
		return soonest
	}
	return next
}

// sendTask sends a line's REGISTER or OPTIONS and gives it the outcome; done is called then,
// on the same loop.
func (u *Unit) sendTask(sh *stack.Shard, t line.Task, done func()) {
	end, ok := u.end(t.Line)
	if !ok {
		u.cfg.Lines.Result(t, 503, nil, netip.AddrPort{}, sh.Now())
		done()
		return
	}
	end.SetNext(t.Next)
	o := stack.Outgoing{
		Method: t.Method, URI: t.URI, From: t.From, To: t.To, CallID: t.CallID, FromTag: t.FromTag,
		CSeq: t.CSeq, Headers: t.Headers,
	}
	if t.Contact {
		o.Contact = end.Contact()
	}
	err := end.Send(sh, o, func(sh *stack.Shard, r stack.Result) {
		u.cfg.Lines.Result(t, r.Status, r.Message, r.From.Remote, sh.Now())
		u.tendLines(sh)
		done()
	})
	if err != nil {
		u.log.Info("line request not sent", "line", t.Line, "method", t.Method.String(), "error", err)
		u.cfg.Lines.Result(t, 503, nil, netip.AddrPort{}, sh.Now())
		done()
	}
}

// leave takes the registrations back; what it gives is closed when all carriers have
// answered.
func (u *Unit) leave(ctx context.Context) (left chan struct{}, err error) {
	left = make(chan struct{})
	if u.stack == nil {
		close(left)
		return left, nil
	}
	err = onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) {
		tasks := u.cfg.Lines.Unregister(sh.Now())
		open := len(tasks)
		if open == 0 {
			close(left)
		}
		for _, t := range tasks {
			u.sendTask(sh, t, func() {
				if open--; open == 0 {
					close(left)
				}
			})
		}
	})
	return left, err
}
