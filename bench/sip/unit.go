package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/sip/load"
	"github.com/sekisho/sekisho/number/tariff"
)

// office is what a unit is furnished with.
type office struct {
	callers int // and as many callees
	talkers int // and as many listeners
	// transport is that of all phones, calleeTransport that of callees and
	// listeners where it differs.
	transport, calleeTransport load.Transport
}

// unit is sekisho serve with its defaults, but for its addresses and for as
// many media ports as the other relays get.
type unit struct {
	bed    *bed
	binary string
	office office
	config string
	data   string
	log    string
	proc   *process
	site   *load.Site
	phones bool // whether they are registered
}

var _ subject = (*unit)(nil)

func (u *unit) name() string { return unitName }

func (u *unit) pid() int { return u.proc.pid() }

// start starts a unit with an empty data directory, claims it and gives it
// phones and an outside line.
func (u *unit) start(ctx context.Context) error {
	dir, err := os.MkdirTemp(u.bed.dir, "unit-")
	if err != nil {
		return err
	}
	u.data, u.config, u.log = filepath.Join(dir, "data"), filepath.Join(dir, "sekisho.toml"), filepath.Join(dir, "log")
	at := u.bed.unit()
	var text strings.Builder
	fmt.Fprintf(&text, "[voice]\nline_addr = \"%s:%d\"\n[media]\nports = \"%d-%d\"\n",
		at, portLine, relayPortFirst, relayPortLast)
	if p := u.bed.profiles; p != nil {
		fmt.Fprintf(&text, "[management]\nlisten = [\"%s\"]\nprofiles = true\n", p.at)
	}
	for transport, port := range map[load.Transport]int{load.UDP: portSIP, load.TCP: portSIP, load.TLS: portTLS} {
		fmt.Fprintf(&text, "[[voice.listen]]\nname = \"%[1]s\"\ntransport = \"%[1]s\"\naddr = \"%[2]s:%[3]d\"\n",
			transport, at, port)
	}
	if err := os.WriteFile(u.config, []byte(text.String()), 0o600); err != nil {
		return err
	}
	if err := u.launch(); err != nil {
		return err
	}
	m := regexp.MustCompile(`sekisho claim (\S+)`).FindStringSubmatch(u.proc.said())
	if m == nil {
		return fmt.Errorf("the unit printed no claim code:\n%s", u.proc.tail())
	}
	c := app.Dial(u.data)
	if _, err := control.Call(ctx, c, control.Claim, control.ClaimRequest{Code: m[1], Owner: "bench"}); err != nil {
		return fmt.Errorf("claim the unit: %w", err)
	}
	return u.furnish(ctx, c)
}

// launch starts the process on the data that are there and waits for it.
func (u *unit) launch() (err error) {
	u.proc, err = startProcess(u.bed.nice, u.log, u.binary,
		"serve", "--lang", "en", "--data", u.data, "--config", u.config)
	if err != nil {
		return err
	}
	return u.proc.await(u.name(), func() bool { return strings.Contains(u.proc.said(), "\nReady.") })
}

// furnish adds the phones and the line.
func (u *unit) furnish(ctx context.Context, c *control.Client) error {
	s := &load.Site{Server: u.server(u.office.transport), Domain: u.bed.unit().String(), Transport: u.office.transport}
	if s.CalleeTransport = u.office.calleeTransport; s.CalleeTransport == "" {
		s.CalleeTransport = s.Transport
	}
	s.CalleeServer = u.server(s.CalleeTransport)
	u.site, u.phones = s, false
	all, err := addPhones(ctx, c, 2*u.office.callers+2*u.office.talkers)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		n    int
		list *[]load.Account
	}{
		{u.office.callers, &s.Callers},
		{u.office.callers, &s.Callees},
		{u.office.talkers, &s.Talkers},
		{u.office.talkers, &s.Listeners},
	} {
		*part.list, all = all[:part.n], all[part.n:]
	}
	if len(s.Callers) == 0 { // the generator wants some
		s.Callers, s.Callees, s.Talkers, s.Listeners = s.Talkers, s.Listeners, nil, nil
	}
	_, err = control.Call(ctx, c, control.LineAdd, control.LineAddRequest{
		ID: "carrier", Profile: "generic-static", Registrar: netip.AddrPortFrom(u.bed.carrier(), portSIP).String(),
		Sources: []string{u.bed.carrier().String()}, AreaCode: "03", Channels: lineChannels, Transport: "udp",
		Numbers: []control.LineNumber{{Number: "0312345678", Ring: []string{s.Callers[0].Extension}}},
	})
	if err != nil {
		return fmt.Errorf("add the line: %w", err)
	}
	return widen(ctx, c)
}

// widen gives calls within Japan budgets that no run uses up: an office does
// not telephone as much in a year as these phones do in a minute.
func widen(ctx context.Context, c *control.Client) error {
	plenty := int64(plentyYen * tariff.Yen)
	for _, name := range []string{"unit/home", "extension/home"} {
		_, err := control.Call(ctx, c, control.BudgetSet, control.BudgetSetRequest{
			Budget: name, Day: &plenty, Month: &plenty, Reason: "a bench telephones more than an office",
			Until: time.Now().Add(plentyTime),
		})
		if err != nil {
			return fmt.Errorf("set the budget %s: %w", name, err)
		}
	}
	return nil
}

// server is where phones of a transport send to.
func (u *unit) server(t load.Transport) netip.AddrPort {
	if t == load.TLS {
		return netip.AddrPortFrom(u.bed.unit(), portTLS)
	}
	return netip.AddrPortFrom(u.bed.unit(), portSIP)
}

// addPhones adds n phones, some at the same time: the unit makes each durable.
func addPhones(ctx context.Context, c *control.Client, n int) ([]load.Account, error) {
	first := phoneFirst
	if n > phonesShort {
		first = phoneFirstLong
	}
	list, errs := make([]load.Account, n), make([]error, furnishAtOnce)
	var all sync.WaitGroup
	for k := range furnishAtOnce {
		all.Go(func() {
			for i := k; i < n && errs[k] == nil; i += furnishAtOnce {
				ext := fmt.Sprint(first + i)
				a, err := control.Call(ctx, c, control.PhoneAdd, control.PhoneAddRequest{Extension: ext})
				if err != nil {
					errs[k] = fmt.Errorf("add phone %s: %w", ext, err)
				}
				list[i] = load.Account{Extension: ext, User: a.User, Secret: a.Secret}
			}
		})
	}
	all.Wait()
	return list, errors.Join(errs...)
}

// ready registers the phones, once.
func (u *unit) ready() (*load.Site, error) {
	if !u.phones {
		if err := u.register(); err != nil {
			return nil, err
		}
		u.phones = true
	}
	return u.site, nil
}

// register registers all phones.
func (u *unit) register() error {
	r := u.bed.load.Register(u.site, registerRate)
	if all := uint64(2*u.office.callers + 2*u.office.talkers); r.Done != all {
		return fmt.Errorf("only %d of %d phones could register: %v", r.Done, all, r.Failed)
	}
	return nil
}

// inUse asks what the process has in use.
func (u *unit) inUse(collect bool) (control.Runtime, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	st, err := control.Call(ctx, app.Dial(u.data), control.GetStatus, control.StatusRequest{Collect: collect})
	if err != nil {
		return control.Runtime{}, fmt.Errorf("ask the unit what it has in use: %w", err)
	}
	return st.Runtime, nil
}

// allocated is how many objects the unit has allocated since its start.
func (u *unit) allocated() uint64 {
	r, err := u.inUse(false)
	if err != nil {
		return 0
	}
	return r.HeapAllocs
}

// stop ends the unit and judges its evidence.
func (u *unit) stop(ctx context.Context) (verdicts, error) {
	saw := u.bed.load.Outside()
	left := u.leftUp(ctx)
	u.bed.load.Leave(u.site)
	if err := u.proc.stop(u.bed.load.Idle); err != nil {
		return verdicts{}, fmt.Errorf("the unit: %w", err)
	}
	v, err := u.verify(ctx)
	if err != nil {
		return v, err
	}
	v.Dialed, v.Reached, v.Left, v.Emergencies = saw.Dialed, len(saw.Reached), left, saw.Emergencies
	if len(saw.Strange) > 0 {
		return v, fmt.Errorf("the carrier was called at %q, which nobody dialed", saw.Strange[0])
	}
	return v, v.compare(saw.Reached)
}

// leftUp gives the calls that are up although the generator has none: the unit
// has some time to end those that were given up.
func (u *unit) leftUp(ctx context.Context) (live []control.LiveCall) {
	for deadline := time.Now().Add(leftTime); time.Now().Before(deadline); u.bed.load.Idle(pollEvery) {
		var err error
		live, err = control.Call(ctx, app.Dial(u.data), control.LiveCalls, control.None{})
		if err != nil || len(live) == 0 {
			return nil
		}
	}
	return live
}
