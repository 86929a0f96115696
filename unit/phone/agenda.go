package phone

import (
	"sync"
	"time"
)

// agenda finds the phones that time has something to do with, without looking
// at the others: those with a binding that runs out, and those with something
// to be written. Each phone stands in it at most once, under a second; looking
// at one too early is harmless, and so a refresh that only moves an expiry on
// changes nothing here.
type agenda struct {
	mu     sync.Mutex
	turned int64               // the second that is being looked at, Unix time
	slots  [agendaSlots]*phone // by second, the first of a list
}

// agendaPlace is a phone's place in the agenda, which guards it.
type agendaPlace struct {
	due        int64 // Unix time, 0 for none
	prev, next *phone
}

// put has a phone looked at when due, or earlier if it stands there already.
func (a *agenda) put(p *phone, due, now time.Time) {
	second := due.Unix()
	if due.Nanosecond() > 0 {
		second++
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	second = min(max(second, a.turned), a.turned+agendaSlots-1)
	if p.place.due != 0 && p.place.due <= second {
		return
	}
	a.remove(p)
	head := &a.slots[second%agendaSlots]
	p.place = agendaPlace{due: second, next: *head}
	if *head != nil {
		(*head).place.prev = p
	}
	*head = p
}

// drop takes a phone out.
func (a *agenda) drop(p *phone) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remove(p)
}

// remove takes a phone out. The caller holds the lock.
func (a *agenda) remove(p *phone) {
	if p.place.due == 0 {
		return
	}
	if p.place.prev != nil {
		p.place.prev.place.next = p.place.next
	} else {
		a.slots[p.place.due%agendaSlots] = p.place.next
	}
	if p.place.next != nil {
		p.place.next.place.prev = p.place.prev
	}
	p.place = agendaPlace{}
}

// turn follows a clock that was set, or that nobody looked at for so long that
// every slot is due. The caller holds the lock.
func (a *agenda) turn(now time.Time) {
	second := now.Unix()
	if second < a.turned || a.turned == 0 {
		a.turned = second
	}
	a.turned = max(a.turned, second-agendaSlots+1)
}

// take appends phones that are due to batch, as far as its capacity goes.
func (a *agenda) take(now time.Time, batch []*phone) []*phone {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn(now)
	for len(batch) < cap(batch) {
		p := a.slots[a.turned%agendaSlots]
		switch {
		case p != nil:
			a.remove(p)
			batch = append(batch, p)
		case a.turned == now.Unix():
			return batch
		default:
			a.turned++
		}
	}
	return batch
}

// next gives when the next phone is due, at most TickEvery ahead.
func (a *agenda) next(now time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	latest := now.Add(TickEvery)
	for second := now.Unix() + 1; second < latest.Unix(); second++ {
		if a.slots[second%agendaSlots] != nil {
			return time.Unix(second, 0)
		}
	}
	return latest
}
