package ground

import "time"

// faults has what goes wrong happen in time.
func (p *player) faults(f Fault) {
	at := func(after time.Duration, do func(time.Time) error) {
		p.wait.Go(func() {
			select {
			case <-time.After(after):
				p.tell(word{fault: do})
			case <-p.ctx.Done():
			}
		})
	}
	var kill func(now time.Time) error
	late := time.Now().Add(f.Kill + killPatience)
	kill = func(now time.Time) error {
		for _, e := range p.g.carrier.Books().Entries() {
			if abroad(&e) && !e.Answer.IsZero() && e.End.IsZero() {
				p.atKill[e.CallID] = p.g.price(e.Reading, now.Sub(e.Answer))
			}
		}
		if len(p.atKill) == 0 && now.Before(late) { // in the middle of a call
			at(pollEvery, kill)
			return nil
		}
		p.result.AtKill = len(p.atKill)
		p.g.unit.Kill()
		p.dead = true
		p.wait.Go(func() { p.restart(now, f.Down) })
		return nil
	}
	if f.Kill > 0 {
		at(f.Kill, kill)
	}
	if f.Full > 0 {
		at(f.Full, func(time.Time) error {
			err := p.g.fill()
			p.full = [2]time.Time{time.Now(), time.Now().Add(f.Free)}
			return err
		})
		at(f.Full+f.Free, func(time.Time) error { return p.g.free() })
	}
}

// restart starts a killed unit again.
func (p *player) restart(killed time.Time, down time.Duration) {
	select {
	case <-time.After(down):
	case <-p.ctx.Done():
		return
	}
	err := p.g.unit.Launch()
	outage := time.Since(killed)
	p.tell(word{fault: func(time.Time) error {
		p.result.Outage, p.dead = outage, false
		return err
	}})
}
