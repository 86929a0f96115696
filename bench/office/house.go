package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/cast"
	"github.com/sekisho/sekisho/fact"
)

// house is the office and who is in use there.
type house struct {
	*cast.Office

	unit   *cast.Unit
	phones []*cast.Party
	lines  []*cast.Party

	// What follows is under the office's lock.
	free    []*cast.Party // phones that no scene uses
	places  [parkPlaces]bool
	serial  int
	playing int
	played  map[string]int
	failed  map[string]int
	fails   []string
	r       *rand.Rand

	scenes sync.WaitGroup
}

// Numbers and who answers there.
const (
	salesNumber   = "0312340000" // rings all of sales together
	supportNumber = "0312340001" // rings support in turn
	deskNumber    = "0312340002" // and on: one phone each
	boxNumber     = "0312340020" // leaves a message for who is away
	nightNumber   = "0312340021" // rings another phone at night
	queueNumber   = "0312340022"
	salesGroup    = "400"
	supportGroup  = "401"
	queueGroup    = "402"
)

var (
	sales   = []int{0, 1, 2, 3, 4, 5}
	support = []int{6, 7, 8}
	desks   = []int{9, 10, 11, 12}
	away    = 13            // whose calls all go to its mailbox
	porters = []int{14, 15} // by day and at night
	agents  = []int{16, 17}
)

// ownParts is how many phones have a part of their own: the first ones.
const ownParts = 18

func ext(i int) string { return strconv.Itoa(firstExt + i) }

func exts(list []int) (out []string) {
	for _, i := range list {
		out = append(out, ext(i))
	}
	return out
}

// newHouse starts a unit and furnishes it.
func newHouse(ctx context.Context, binary, dir string, seed uint64) (*house, error) {
	net := netFirst + os.Getpid()%netCount
	u, err := cast.NewUnit(cast.Setup{
		Binary: binary, Dir: filepath.Join(dir, "unit"),
		Addr: netip.AddrFrom4([4]byte{127, byte(net), 0, 1}), Number: number, Besides: "[log]\nlevel = \"warn\"\n",
	})
	if err != nil {
		return nil, err
	}
	if err := u.Launch(); err != nil {
		return nil, err
	}
	h := &house{unit: u, played: make(map[string]int), failed: make(map[string]int), r: rand.New(rand.NewPCG(seed, 60))}
	h.Office = cast.NewOffice(u, net, seed, cast.Hooks{Rang: h.rang})
	if err := h.furnish(ctx); err != nil {
		return h, err
	}
	return h, h.begin(ctx)
}

// furnish gives the unit its phones, lines, groups and keys.
func (h *house) furnish(ctx context.Context) error {
	if err := h.unit.Claim(ctx); err != nil {
		return err
	}
	var names []string
	for i := range staff {
		names = append(names, ext(i))
	}
	accounts, err := h.unit.AddPhones(ctx, names)
	if err != nil {
		return err
	}
	c := h.unit.Control()
	for _, g := range []control.Group{
		{Number: salesGroup, Members: exts(sales)},
		{Number: supportGroup, Members: exts(support), Strategy: "linear", Seconds: 20},
		{Number: queueGroup, Members: exts(agents), Strategy: "longest-idle"},
	} {
		if _, err := control.Call(ctx, c, control.GroupSet, g); err != nil {
			return fmt.Errorf("set group %s: %w", g.Number, err)
		}
	}
	numbers := []control.LineNumber{
		{Number: salesNumber, Ring: []string{salesGroup}},
		{Number: supportNumber, Ring: []string{supportGroup}},
		{Number: boxNumber, Ring: []string{ext(away)}},
		{Number: nightNumber, Ring: []string{ext(porters[0])}},
		{Number: queueNumber, Ring: []string{queueGroup}},
	}
	for i, d := range desks {
		numbers = append(numbers, control.LineNumber{Number: desk(i), Ring: []string{ext(d)}})
	}
	for i := range lineCount {
		l := control.LineAddRequest{
			ID: lineName(i), Profile: "generic-static", Registrar: h.LineAddr(i).String(), AreaCode: "03",
			Sources: []string{h.LineAddr(i).Addr().String()}, Channels: channels, Transport: "udp",
			Numbers: []control.LineNumber{{Number: fmt.Sprintf("031235%04d", i), Ring: []string{salesGroup}}},
		}
		if i == 0 {
			l.Numbers = numbers
		}
		if _, err := control.Call(ctx, c, control.LineAdd, l); err != nil {
			return fmt.Errorf("add %s: %w", l.ID, err)
		}
	}
	if err := h.instruct(ctx, c); err != nil {
		return err
	}
	h.Mu.Lock()
	defer h.Mu.Unlock()
	for i := range lineCount {
		p, err := h.Line(lineName(i), i, cast.Faults{})
		if err != nil {
			return err
		}
		h.lines = append(h.lines, p)
	}
	for i, a := range accounts {
		p, err := h.Phone(a, i, cast.Faults{})
		if err != nil {
			return err
		}
		h.phones, h.free = append(h.phones, p), append(h.free, p)
	}
	return nil
}

// instruct says which keys there are, what waits, who is away and who is there at night.
func (h *house) instruct(ctx context.Context, c *control.Client) error {
	for i := range keyCount {
		key := control.KeySetRequest{Key: keyName(i), Line: lineName(i % lineCount)}
		if _, err := control.Call(ctx, c, control.KeySet, key); err != nil {
			return fmt.Errorf("set %s: %w", key.Key, err)
		}
	}
	queue := fact.QueueSet{Queue: queueGroup, Most: 10, WaitSeconds: 60, LevelSeconds: 20}
	if _, err := control.Call(ctx, c, control.QueueSet, queue); err != nil {
		return fmt.Errorf("set the queue: %w", err)
	}
	forward := control.ServiceSetRequest{Extension: ext(away), Service: fact.ForwardAlways, On: true, To: "mailbox"}
	if _, err := control.Call(ctx, c, control.ServiceSet, forward); err != nil {
		return fmt.Errorf("forward to a mailbox: %w", err)
	}
	night := control.ModeRingsRequest{Scope: nightNumber, Mode: "night1", Ring: []string{ext(porters[1])}}
	if _, err := control.Call(ctx, c, control.ModeRings, night); err != nil {
		return fmt.Errorf("say who is there at night: %w", err)
	}
	return nil
}

func desk(i int) string     { return fmt.Sprintf("031234%04d", 2+i) }
func lineName(i int) string { return "l" + strconv.Itoa(i) }
func keyName(i int) string  { return "key" + strconv.Itoa(i+1) }

// begin has all phones register and watch their lamps, and waits for that.
func (h *house) begin(ctx context.Context) error {
	left := 0
	h.Mu.Lock()
	for _, p := range h.phones {
		left++
		h.starts(p, func() { left-- })
	}
	h.Mu.Unlock()
	return h.await(ctx, "phones are registered", patience, func() bool { return left == 0 })
}

// starts has a phone register, and watch its lamps.
func (h *house) starts(p *cast.Party, done func()) {
	watched := []string{"park1", "park2", "park3", "park4", "night"}
	for i := range keyCount {
		watched = append(watched, keyName(i))
	}
	for i := range watchedExts {
		watched = append(watched, ext((p.Number+1+i)%staff))
	}
	p.Register(func() {
		left := len(watched)
		for _, name := range watched {
			p.Watch(name, func() {
				if left--; left == 0 {
					done()
				}
			})
		}
	})
}

// await waits until something is so, which is asked with the lock held.
func (h *house) await(ctx context.Context, what string, most time.Duration, is func() bool) error {
	for deadline := time.Now().Add(most); ; {
		h.Mu.Lock()
		ok := is()
		h.Mu.Unlock()
		switch {
		case ok:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("waited in vain: %s", what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// rang has whoever is called ring.
func (h *house) rang(l *cast.Leg) { l.Ring() }
