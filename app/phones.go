package app

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/phone"
)

func (a *App) extensionPlan() number.ExtensionPlan {
	p := number.ExtensionPlan{OutsidePrefix: a.options.Config.Plan.OutsidePrefix}
	for _, f := range a.options.Config.Plan.Codes() {
		p.Features = append(p.Features, f.Code)
	}
	return p
}

func (a *App) phoneAdd(
	ctx context.Context, by control.Caller, r control.PhoneAddRequest,
) (control.PhoneAccount, error) {
	if err := number.CheckExtension(r.Extension, a.extensionPlan()); err != nil {
		return control.PhoneAccount{}, badExtension(r.Extension, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.ContainsFunc(a.state.groups, func(g fact.Group) bool { return g.Number == r.Extension }) {
		return control.PhoneAccount{}, control.NewProblem(control.ExitConflict, "cli.phone.isgroup", "", r.Extension)
	}
	if err := a.ofOtherSite(r.Extension); err != nil {
		return control.PhoneAccount{}, err
	}
	p, secret, err := a.phones.Add(ctx, r.Extension, r.Name, by.Actor(), time.Now().UTC())
	switch {
	case errors.Is(err, phone.ErrFull):
		limit := strconv.Itoa(phone.PhonesMax)
		return control.PhoneAccount{}, control.NewProblem(control.ExitConflict, "cli.phone.toomany", "", limit)
	case errors.Is(err, phone.ErrName):
		return control.PhoneAccount{}, badExtension(r.Extension, err)
	case err != nil:
		return control.PhoneAccount{}, err
	}
	if err := a.refresh(); err != nil {
		return control.PhoneAccount{}, err
	}
	return a.account(p, secret), nil
}

func badExtension(ext string, err error) error {
	if key := number.PlanKey(err); key != "" {
		return control.NewProblem(control.ExitUsage, text.Key(key), "cli.phone.bad.do", ext)
	}
	return control.NewProblem(control.ExitUsage, "cli.phone.bad", "cli.phone.bad.do", ext, err)
}

// account is what a person types into a phone; the servers are addresses on
// which the phone can reach us.
func (a *App) account(p fact.Phone, secret string) control.PhoneAccount {
	out := control.PhoneAccount{
		Extension: p.Extension, Device: p.Device, Name: p.Name, User: p.User, Secret: secret, Realm: p.Realm,
	}
	for _, l := range a.listeners() {
		if l.Plane == plane.Voice.String() && len(l.Digest) > 0 {
			out.Servers = append(out.Servers, dialable(l)...)
		}
	}
	return out
}

// dialable names a listener by addresses that a person can type into a phone,
// instead of "every address".
func dialable(l control.Listener) []control.Listener {
	at, err := netip.ParseAddrPort(l.Addr)
	if err != nil || !at.Addr().IsUnspecified() {
		return []control.Listener{l}
	}
	var out []control.Listener
	for _, host := range plane.OwnAddresses() {
		l.Addr = netip.AddrPortFrom(host, at.Port()).String()
		out = append(out, l)
	}
	return out
}

func (a *App) phoneList(context.Context, control.Caller, control.None) ([]control.Phone, error) {
	var out []control.Phone
	for _, s := range a.phones.Phones(time.Now()) {
		out = append(out, showPhone(s))
	}
	return out, nil
}

func showPhone(s phone.Status) control.Phone {
	p := control.Phone{
		Extension: s.Extension, Device: s.Device, Name: s.Name, Created: s.Created, CreatedBy: s.CreatedBy,
		Disabled: s.Disabled, Contacts: []control.Contact{},
	}
	for _, b := range s.Bindings {
		p.Contacts = append(p.Contacts, control.Contact{
			Source: b.Source.String(), Transport: b.Transport, UserAgent: b.UserAgent, Expires: b.Expires,
		})
	}
	return p
}

func noPhone(word string) error {
	return control.NewProblem(control.ExitNotFound, "cli.phone.none", "cli.phone.none.do", word)
}

// device finds the phones that a word means: a device, or the only phone of
// an extension.
func (a *App) device(word string) (string, error) {
	var found []string
	for _, s := range a.phones.Phones(time.Now()) {
		if s.Device == word {
			return word, nil
		}
		if s.Extension == word {
			found = append(found, s.Device)
		}
	}
	switch len(found) {
	case 0:
		return "", noPhone(word)
	case 1:
		return found[0], nil
	}
	return "", control.NewProblem(control.ExitConflict, "cli.phone.several", "cli.phone.several.do", word)
}

func (a *App) phoneRemove(ctx context.Context, by control.Caller, r control.PhoneRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	device, err := a.device(r.Phone)
	if err != nil {
		return control.None{}, err
	}
	extension := a.extensionOf(device)
	if err := a.phones.Remove(ctx, device, by.Actor(), time.Now().UTC()); err != nil {
		return control.None{}, err
	}
	err = errors.Join(
		a.forgetPIN(ctx, extension, by.Actor()), a.forgetBoxPIN(ctx, extension, by.Actor()),
		a.forgetSpeed(ctx, extension, by.Actor()),
		a.forgetWakeUps(ctx, extension, by.Actor()), a.forgetBook(ctx, extension, by.Actor()),
		a.forgetMessages(ctx, extension, by.Actor()), a.forgetGreeting(ctx, extension, by.Actor()),
		a.forgetRetention(ctx, extension, by.Actor()), a.forgetMail(ctx, extension, by.Actor()),
		a.forgetServices(ctx, extension, by.Actor()), a.tidyDesks(ctx, by.Actor()), a.refresh(),
	)
	if !slices.Contains(a.phones.Extensions(), extension) {
		a.unit.ForgetCalls(extension)
	}
	return control.None{}, err
}

func (a *App) extensionOf(device string) string {
	for _, s := range a.phones.Phones(now()) {
		if s.Device == device {
			return s.Extension
		}
	}
	return ""
}

// phoneSwitch takes a phone out of use, with the calls it is in, or puts it
// back.
func (a *App) phoneSwitch(
	ctx context.Context, by control.Caller, r control.PhoneSwitchRequest,
) (control.Phone, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	device, err := a.device(r.Phone)
	if err != nil {
		return control.Phone{}, err
	}
	if r.Disabled {
		err = a.phones.Disable(ctx, device, by.Actor(), now())
		a.unit.EndCalls(device) // whether or not it could be written
	} else {
		err = a.phones.Enable(ctx, device, by.Actor(), now())
	}
	if err != nil {
		return control.Phone{}, err
	}
	for _, s := range a.phones.Phones(now()) {
		if s.Device == device {
			return showPhone(s), nil
		}
	}
	return control.Phone{}, noPhone(r.Phone)
}

func (a *App) phoneSecret(
	ctx context.Context, by control.Caller, r control.PhoneRequest,
) (control.PhoneAccount, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	device, err := a.device(r.Phone)
	if err != nil {
		return control.PhoneAccount{}, err
	}
	p, secret, err := a.phones.Renew(ctx, device, by.Actor(), time.Now().UTC())
	if err != nil {
		return control.PhoneAccount{}, err
	}
	return a.account(p, secret), nil
}

func (a *App) groupSet(ctx context.Context, by control.Caller, r control.Group) (control.None, error) {
	if err := number.CheckExtension(r.Number, a.extensionPlan()); err != nil {
		return control.None{}, badExtension(r.Number, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.phones.Extensions()
	if slices.Contains(known, r.Number) {
		return control.None{}, control.NewProblem(control.ExitConflict, "cli.group.isphone", "", r.Number)
	}
	if r.Overflow != "" {
		if err := a.checkRings(r.Overflow); err != nil {
			return control.None{}, err
		}
	}
	for _, m := range r.Members {
		if !slices.Contains(known, m) {
			return control.None{}, noPhone(m)
		}
	}
	g := a.groupOf(r)
	groups := slices.DeleteFunc(slices.Clone(a.state.groups), func(o fact.Group) bool { return o.Number == g.Number })
	return control.None{}, a.setGroups(ctx, append(groups, g), fact.GroupSet{Group: g, By: by.Actor(), At: now()})
}

func now() time.Time { return time.Now().UTC() }

// setGroups puts groups in force once their fact is on disk; a plan that does
// not work is not put in force.
func (a *App) setGroups(ctx context.Context, groups []fact.Group, f fact.Fact) error {
	before := a.state.groups
	a.state.groups = groups
	if err := a.refresh(); err != nil {
		a.state.groups = before
		return control.NewProblem(control.ExitUsage, "cli.group.bad", "", err)
	}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{f}}); err != nil {
		a.state.groups = before
		return errors.Join(err, a.refresh())
	}
	return nil
}

func (a *App) groupList(context.Context, control.Caller, control.None) ([]control.Group, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.Group
	for _, g := range a.state.groups {
		out = append(out, control.Group{
			Number: g.Number, Name: g.Name, Members: g.Members, Strategy: g.Strategy, Seconds: g.Seconds,
			Delays: g.Delays, SkipBusy: g.SkipBusy, Out: g.Out, Overflow: g.Overflow,
		})
	}
	return out, nil
}

func (a *App) groupRemove(ctx context.Context, by control.Caller, r control.GroupRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	groups := slices.DeleteFunc(slices.Clone(a.state.groups), func(o fact.Group) bool { return o.Number == r.Number })
	if len(groups) == len(a.state.groups) {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.group.none", "", r.Number)
	}
	gone := fact.GroupSet{Group: fact.Group{Number: r.Number}, By: by.Actor(), At: now()}
	return control.None{}, a.setGroups(ctx, groups, gone)
}
