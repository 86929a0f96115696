package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/store"
)

// operations is everything the control socket answers.
func (a *App) operations() *control.Mux {
	m := control.NewMux(a.log)
	control.Handle(m, control.Claim, a.doClaim)
	control.Handle(m, control.GetStatus, a.statusAsked)
	control.Handle(m, control.AlertList, a.alertList)
	control.Handle(m, control.AlertTest, a.alertTest)
	control.Handle(m, control.PhoneAdd, a.phoneAdd)
	control.Handle(m, control.PhoneList, a.phoneList)
	control.Handle(m, control.PhoneRemove, a.phoneRemove)
	control.Handle(m, control.PhoneSwitch, a.phoneSwitch)
	control.Handle(m, control.PhoneSecret, a.phoneSecret)
	control.Handle(m, control.GroupSet, a.groupSet)
	control.Handle(m, control.GroupList, a.groupList)
	control.Handle(m, control.GroupRemove, a.groupRemove)
	control.Handle(m, control.LampList, a.lampList)
	control.Handle(m, control.GroupMember, a.groupMember)
	a.incomingOperations(m)
	control.Handle(m, control.LineAdd, a.lineAdd)
	control.Handle(m, control.LineList, a.lineList)
	control.Handle(m, control.LineRemove, a.lineRemove)
	control.Handle(m, control.LineTest, a.lineTest)
	control.Handle(m, control.GateCheck, a.gateCheck)
	control.Handle(m, control.GateOpen, a.gateOpen)
	control.Handle(m, control.GateShut, a.gateShut)
	control.Handle(m, control.GateList, a.gateList)
	control.Handle(m, control.GateRules, gateRules)
	control.Handle(m, control.GateSigns, a.gateSigns)
	control.Handle(m, control.GateExport, a.gateExport)
	control.Handle(m, control.GatePreview, a.gatePreview)
	control.Handle(m, control.GateApply, a.gateApply)
	control.Handle(m, control.GateUndo, a.gateUndo)
	control.Handle(m, control.GateHistory, a.gateHistory)
	control.Handle(m, control.TariffCheck, a.tariffCheck)
	control.Handle(m, control.TariffImport, a.tariffImport)
	control.Handle(m, control.TariffRemove, a.tariffRemove)
	control.Handle(m, control.TariffShow, a.tariffShow)
	control.Handle(m, control.TariffPrice, a.tariffPrice)
	control.Handle(m, control.QuarantineAdd, a.quarantineAdd)
	control.Handle(m, control.QuarantineList, a.quarantineList)
	control.Handle(m, control.QuarantineRelease, a.quarantineRelease)
	control.Handle(m, control.CutCalls, a.callsCut)
	control.Handle(m, control.BudgetList, a.budgetList)
	control.Handle(m, control.BudgetSet, a.budgetSet)
	control.Handle(m, control.BudgetSuggest, a.budgetSuggest)
	control.Handle(m, control.BudgetRelease, a.budgetRelease)
	control.Handle(m, control.BookChange, a.bookChange)
	control.Handle(m, control.BookFind, a.bookFind)
	control.Handle(m, control.ScreenChange, a.screenChange)
	control.Handle(m, control.ScreenList, a.screenList)
	control.Handle(m, control.ScreenLast, a.screenLast)
	control.Handle(m, control.PINSet, a.pinSet)
	control.Handle(m, control.PINGenerate, a.pinGenerate)
	control.Handle(m, control.PINRemove, a.pinRemove)
	control.Handle(m, control.PINUnlock, a.pinUnlock)
	control.Handle(m, control.PINList, a.pinList)
	control.Handle(m, control.Calls, a.callList)
	control.Handle(m, control.History, a.callHistory)
	control.Handle(m, control.LiveCalls, a.liveCalls)
	control.Handle(m, control.Doctor, a.doctor)
	control.Handle(m, control.GetMetrics, a.figures)
	a.dialingOperations(m)
	a.recordingOperations(m)
	a.roomOperations(m)
	a.siteOperations(m)
	return m
}

// incomingOperations are those about where calls go that come in, and their lamps.
func (a *App) incomingOperations(m *control.Mux) {
	control.Handle(m, control.ModeList, a.modeList)
	control.Handle(m, control.ModeSet, a.modeSet)
	control.Handle(m, control.ModeHours, a.modeHours)
	control.Handle(m, control.ModeRings, a.modeRings)
	control.Handle(m, control.DayMark, a.dayMark)
	control.Handle(m, control.KeyList, a.keyList)
	control.Handle(m, control.KeySet, a.keySet)
	control.Handle(m, control.MenuList, a.menuList)
	control.Handle(m, control.MenuSet, a.menuSet)
	control.Handle(m, control.QueueList, a.queueList)
	control.Handle(m, control.QueueSet, a.queueSet)
	control.Handle(m, control.PromptList, a.promptList)
	control.Handle(m, control.PromptSet, a.promptSet)
	control.Handle(m, control.PromptSound, a.promptSound)
	control.Handle(m, control.DayList, a.dayList)
	control.Handle(m, control.MailboxList, a.mailboxList)
	control.Handle(m, control.MailboxGreet, a.mailboxGreeting)
	control.Handle(m, control.MailboxKeep, a.mailboxKeep)
	control.Handle(m, control.MailboxMail, a.mailboxMail)
	control.Handle(m, control.MailboxPIN, a.mailboxPIN)
	control.Handle(m, control.MailboxShut, a.mailboxShut)
	control.Handle(m, control.MailboxUnlock, a.mailboxUnlock)
	control.Handle(m, control.MessageList, a.messageList)
	control.Handle(m, control.MessageSound, a.messageSound)
	control.Handle(m, control.MessageDelete, a.messageDelete)
}

// siteOperations are those on other sites.
func (a *App) siteOperations(m *control.Mux) {
	control.Handle(m, control.SiteCode, a.siteCode)
	control.Handle(m, control.SitePair, a.sitePair)
	control.Handle(m, control.SiteUnpair, a.siteUnpair)
	control.Handle(m, control.SiteOutside, a.siteMay(func(f *fact.SitePaired, on bool) { f.Outside = on }))
	control.Handle(m, control.SiteLamps, a.siteMay(func(f *fact.SitePaired, on bool) { f.NoLamps = !on }))
	control.Handle(m, control.SitePickUp, a.siteMay(func(f *fact.SitePaired, on bool) { f.PickUp = on }))
	control.Handle(m, control.SiteList, a.siteList)
	control.Handle(m, control.SiteRenew, a.siteRenew)
}

// dialingOperations are those on what extensions have set about their calls.
func (a *App) dialingOperations(m *control.Mux) {
	control.Handle(m, control.ServiceSet, a.serviceSet)
	control.Handle(m, control.ServiceList, a.serviceList)
	control.Handle(m, control.SpeedSet, a.speedSet)
	control.Handle(m, control.SpeedList, a.speedList)
	control.Handle(m, control.DeskList, a.deskList)
	control.Handle(m, control.DeskLogOut, a.deskLogOut)
	control.Handle(m, control.WakeSet, a.wakeSet)
	control.Handle(m, control.WakeList, a.wakeList)
}

func (a *App) statusAsked(_ context.Context, _ control.Caller, r control.StatusRequest) (control.Status, error) {
	st := a.Status()
	if r.Collect {
		st.Runtime = inUse(true)
	}
	return st, nil
}

// Status is the unit at a glance.
func (a *App) Status() control.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status()
}

// status is Status for who holds a.mu.
func (a *App) status() control.Status {
	st := control.Status{
		Unit: a.unitID, Version: Version(), Claimed: a.state.claimed, Owner: a.state.owner, Started: a.started,
		Listeners: a.listeners(), Apart: a.apart(), PINs: countPINs(a.pins()),
		Runtime: inUse(false),
	}
	if err := a.recorder.Degraded(); err != nil {
		st.Degraded = new(control.Explain(err))
	}
	return st
}

// listeners lists where phones reach us, then the other planes.
func (a *App) listeners() []control.Listener {
	digests := map[string][]string{}
	for _, l := range a.options.Config.Voice.Listen {
		digests[l.Name] = l.Digest
	}
	var out []control.Listener
	for _, l := range slices.Concat(a.voice, a.ownListeners("")) {
		out = append(out, control.Listener{
			Plane: l.Plane.String(), Name: l.Name, Transport: l.Transport, Addr: l.Addr.String(),
			Digest: digests[l.Name],
		})
	}
	for _, l := range a.managed {
		out = append(out, control.Listener{
			Plane: l.Plane.String(), Name: "management", Transport: l.Transport, Addr: l.Addr.String(),
		})
	}
	return out
}

func gateRules(context.Context, control.Caller, control.None) ([]control.Rule, error) {
	var out []control.Rule
	for i, r := range gate.Order() {
		out = append(out, control.Rule{Order: i + 1, Name: r.Name, Says: r.Why()})
	}
	return out, nil
}

func (a *App) callList(ctx context.Context, _ control.Caller, r control.CallsRequest) ([]control.CallRecord, error) {
	if r.Limit <= 0 || r.Limit > callsListedMax {
		r.Limit = callsListedMax
	}
	// What has just happened is still on its way to the disk; one that takes
	// nothing keeps nobody from reading what there is.
	_ = a.commit(ctx, fact.Write{})
	rows, err := a.store.Calls(ctx, store.CallFilter{Since: r.Since, Extension: r.Extension, Limit: r.Limit})
	if err != nil {
		return nil, err
	}
	out := make([]control.CallRecord, 0, len(rows))
	for _, c := range rows {
		out = append(out, control.CallRecord{
			Call: c.Call, Direction: string(c.Direction), From: c.From, To: c.To, Extension: c.Extension,
			Device: c.Device, Credential: c.Credential, Source: c.Source, Registration: c.Registration, Line: c.Line,
			Verdict: c.Verb, Rule: c.Rule, Started: c.Started, Answered: c.Answered, Ended: c.Ended,
			Reason: c.Reason, Status: c.Status, Leaf: c.Leaf, Sound: c.Sound,
			Cost: c.Cost, Opinion: c.Opinion, Signs: c.Signs, Mark: c.Mark,
			Queue: c.Queue, WaitedMS: c.WaitedMS, Agent: c.Agent,
		})
	}
	return out, nil
}

func (a *App) liveCalls(context.Context, control.Caller, control.None) ([]control.LiveCall, error) {
	var out []control.LiveCall
	for _, c := range a.unit.Calls() {
		out = append(out, control.LiveCall{
			Call: c.Call, Direction: string(c.Direction), From: c.From, To: c.To, State: c.State, Line: c.Line,
			Started: c.Started,
		})
	}
	slices.SortFunc(out, func(x, y control.LiveCall) int { return strings.Compare(x.Call, y.Call) })
	return out, nil
}

// Announce switches spoken refusals off and on.
func (a *App) Announce(on bool) { a.unit.Announce(on) }

// Refusals counts the gate's refusals on record of one extension's calls
// since a time, once everything that is written behind is on disk.
func (a *App) Refusals(ctx context.Context, extension string, since time.Time) (int, error) {
	for a.desk.Behind() > 0 {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(behindPoll):
		}
	}
	if err := a.commit(ctx, fact.Write{}); err != nil { // behind everything that was queued before
		return 0, err
	}
	n := 0
	for r, err := range a.store.Leaves(ctx, 0) {
		if err != nil {
			return 0, err
		}
		f, err := r.Fact()
		if err != nil {
			return 0, err
		}
		j, ok := f.(fact.CallJudged)
		if ok && j.Extension == extension && j.Verb == gate.VerbRefuse.String() && !j.At.Before(since) {
			n++
		}
	}
	return n, nil
}
