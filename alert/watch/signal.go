package watch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

// signal is one thing that happened, as alerts see it.
type signal struct {
	kind  Kind
	about string       // subject in the evidence
	of    text.Message // who it is, for people
	what  text.Message // what happened
	do    text.Message // what to do now
	as    text.Key     // what its title and what was done stand under, "" for kind
	n     int
	call  string // facts of one call count once
	sure  bool   // worth an alert whatever the threshold
}

// suspicious lists the rules of the gate whose refusals a thief runs into. The
// others refuse what an office's own people do: too late in the evening, or on
// a line that can't.
var suspicious = []string{
	"not-understood", "origin", "line-to-line", "international", "premium", "global-code", "carrier-feature",
	"carrier-selection", "tempo", "everything-else", "site",
}

// Concerns tells whether a fact can matter to alerts, at the cost of a look.
func Concerns(f fact.Fact) bool {
	switch f := f.(type) {
	case fact.CallJudged:
		return f.Verb != "pass" && slices.Contains(suspicious, f.Rule) || abroad(f.Class)
	case fact.AuthenticationFailed, fact.BudgetExhausted, fact.BudgetNearing, fact.EmergencyRefused, fact.PhoneMoved:
		return true
	case fact.ChallengeFailed:
		return boxLocked(f)
	case fact.MailFailed:
		return mailLost(f)
	}
	_, changes := changeOf(f)
	return changes
}

// signals gives what a fact means.
func (s Settings) signals(f fact.Fact, now time.Time) []signal {
	switch f := f.(type) {
	case fact.CallJudged:
		return s.judged(f, now)
	case fact.AuthenticationFailed:
		return []signal{{
			kind: SignIn, about: "source/" + f.Source, of: text.Of("alert.of.source", f.Source), n: f.Count,
			what: text.Of("alert.what.sign-in", f.Source), do: text.Of("alert.do.sign-in"),
		}}
	case fact.EmergencyRefused:
		return []signal{{
			kind: SignIn, about: "source/" + f.Source, of: text.Of("alert.of.source", f.Source), n: f.Count, sure: true,
			what: text.Of("alert.what.emergency-refused", f.Source, f.Number), do: text.Of("alert.do.sign-in"),
		}}
	case fact.ChallengeFailed:
		if !boxLocked(f) {
			return nil
		}
		if room, is := strings.CutPrefix(f.Person, fact.RoomPerson); is {
			return []signal{{
				kind: SignIn, about: "pin/" + f.Person, of: text.Of("alert.of.unit"), n: 1, sure: true,
				what: text.Of("alert.what.room-locked", room), do: text.Of("alert.do.room", room), as: "room",
			}}
		}
		extension := strings.TrimPrefix(f.Person, fact.MailboxPerson)
		return []signal{{
			kind: SignIn, about: "pin/" + f.Person, of: text.Of("alert.of.extension", extension), n: 1, sure: true,
			what: text.Of("alert.what.mailbox-locked", extension), do: text.Of("alert.do.mailbox", extension),
			as: "mailbox",
		}}
	case fact.MailFailed:
		if !mailLost(f) {
			return nil
		}
		return []signal{{
			kind: Change, about: "mail/" + f.Extension, of: text.Of("alert.of.extension", f.Extension), n: 1,
			sure: true,
			what: text.Of("alert.what.mail", f.Extension), do: text.Of("alert.do.mail", f.Extension), as: "mail",
		}}
	case fact.PhoneMoved:
		what := text.Of("alert.what.moved", f.From, f.To)
		if f.From == f.To {
			what = text.Of("alert.what.other-device", f.To, clean(f.OldUserAgent), clean(f.NewUserAgent))
		}
		return []signal{{
			kind: NewPlace, about: "phone/" + f.Device, of: text.Of("alert.of.extension", f.Extension), n: 1,
			what: what, do: text.Of("alert.do.phone", f.Device),
		}}
	}
	if s, ok := money(f); ok {
		return []signal{s}
	}
	if what, ok := changeOf(f); ok {
		return []signal{{
			kind: Change, about: "unit", of: text.Of("alert.of.unit"), n: 1, what: what,
			do: text.Of("alert.do.change"),
		}}
	}
	return nil
}

// boxLocked tells whether somebody tries PINs at a mailbox or a conference room until it is
// locked.
func boxLocked(f fact.ChallengeFailed) bool {
	return f.Reason == fact.FailedLocked &&
		(strings.HasPrefix(f.Person, fact.MailboxPerson) || strings.HasPrefix(f.Person, fact.RoomPerson))
}

// mailLost tells whether somebody waits for a mail about a message that does not come.
func mailLost(f fact.MailFailed) bool { return f.GivenUp && f.Why != fact.MailOff }

// abroad tells whether a class of number leads out of the country.
func abroad(class string) bool {
	for _, c := range []number.Class{number.International, number.GlobalCode, number.Satellite} {
		if class == c.String() {
			return true
		}
	}
	return false
}

// judged tells what a verdict means: it never shows the number, for an alert
// leaves the house.
func (s Settings) judged(f fact.CallJudged, now time.Time) []signal {
	of, about, do := text.Of("alert.of.unknown"), "unit", text.Of("alert.do.calls")
	switch {
	case f.Extension != "" && f.Device != "":
		of, about = text.Of("alert.of.extension", f.Extension), "phone/"+f.Device
		do = text.Of("alert.do.phone", f.Device)
	case f.Extension != "":
		of, about = text.Of("alert.of.extension", f.Extension), "extension/"+f.Extension
	case f.Site != "":
		of, about = text.Of("alert.of.site", f.Site), "site/"+f.Site
		do = text.Of("alert.do.site", f.Site)
	case f.Line != "":
		of, about = text.Of("alert.of.line", f.Line), "line/"+f.Line
	}
	base := signal{about: about, of: of, do: do, n: 1, call: f.Call}
	where := text.Of("alert.to." + text.Key(f.Class))
	switch {
	case abroad(f.Class):
		where = text.Of(where.Key, area(f.Area))
	case !where.Key.Known():
		where = text.Of("alert.to.other")
	}
	pass, out := f.Verb == "pass", []signal(nil)
	with := func(k Kind, what text.Key) {
		one := base
		one.kind, one.what = k, text.Of(what, where)
		out = append(out, one)
	}
	if !pass && slices.Contains(suspicious, f.Rule) {
		with(Barred, "alert.what.barred")
	}
	if pass && abroad(f.Class) {
		with(Abroad, "alert.what.abroad")
	}
	if abroad(f.Class) && s.closed(now) {
		key := text.Key("alert.what.barred")
		if pass {
			key = "alert.what.abroad"
		}
		with(OffHours, key)
	}
	return out
}

// area names a country in each language.
func area(code string) text.Message {
	if a, ok := number.AreaOf(code); ok {
		return text.Of("alert.area", a.NameJA, a.NameEN)
	}
	return text.Of("alert.area.none")
}

// clean bounds what a stranger chose, and takes out what could write lines of
// its own.
func clean(agent string) string {
	const most = 40
	out := make([]rune, 0, most)
	for _, r := range agent {
		if r < ' ' || r == 0x7f || r == '<' || r == '>' {
			r = ' '
		}
		if out = append(out, r); len(out) == most {
			break
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return string(out)
}

// changeOf tells the facts that say that somebody changed settings.
func changeOf(f fact.Fact) (text.Message, bool) {
	switch f := f.(type) {
	case fact.UnitClaimed:
		return text.Of("alert.what.claimed", f.By), true
	case fact.ConfigChanged:
		return text.Of("alert.what.config", f.By), true
	case fact.ControlUsed:
		return text.Of("alert.what.control", f.Command, f.By), f.Refused != ""
	case fact.PhoneAdded:
		return text.Of("alert.what.phone-added", f.Device, f.CreatedBy), true
	case fact.PhoneRemoved:
		return text.Of("alert.what.phone-removed", f.Device, f.By), true
	case fact.PhoneDisabled:
		return text.Of("alert.what.phone-disabled", f.Device, f.By), true
	case fact.PhoneEnabled:
		return text.Of("alert.what.phone-enabled", f.Device, f.By), true
	case fact.SecretRenewed:
		return text.Of("alert.what.secret", f.Device, f.By), true
	case fact.LineAdded:
		return text.Of("alert.what.line-added", f.ID, f.CreatedBy), true
	case fact.LineRemoved:
		return text.Of("alert.what.line-removed", f.Line, f.By), true
	case fact.SitePaired:
		return text.Of("alert.what.site-paired", f.Site, f.By), true
	case fact.SiteUnpaired:
		return text.Of("alert.what.site-unpaired", f.Site, f.By), true
	case fact.SiteKeyRenewed:
		return text.Of("alert.what.site-key", f.By), true
	case fact.GroupSet:
		return text.Of("alert.what.group", f.Number, f.By), true
	case fact.OpeningAdded:
		return text.Of("alert.what.opened", area(f.Area), f.Extension, f.CreatedBy), true
	case fact.OpeningRemoved:
		return text.Of("alert.what.shut", f.ID, f.By), true
	}
	return boundsChanged(f)
}

// boundsChanged tells the facts that say that somebody changed what the gate
// goes by: the console of a thief raises a budget before the calls begin.
func boundsChanged(f fact.Fact) (text.Message, bool) {
	switch f := f.(type) {
	case fact.PolicyApplied: // its openings have facts of their own
		if f.Command == fact.PolicyByBudget || f.Command == fact.PolicyByHabit {
			return text.Of("alert.what.budget-set", f.By), true
		}
		return text.Of("alert.what.policy", f.By), f.Text != ""
	case fact.BudgetReleased:
		return text.Of("alert.what.budget-released", f.Account, f.By), true
	case fact.QuarantineSet:
		return apart(f), true
	case fact.QuarantineReleased:
		return text.Of("alert.what.apart-released", f.ID, f.By), true
	case fact.TariffImported:
		return cheaper(text.Of("alert.what.tariff", f.CreatedBy), f.Cheaper), true
	case fact.TariffRemoved:
		return cheaper(text.Of("alert.what.tariff-removed", f.By), f.Cheaper), true
	}
	return text.Message{}, false
}

// apart names what was set apart, but for numbers and credentials: an alert leaves the
// house.
func apart(f fact.QuarantineSet) text.Message {
	what := text.Of("quarantine.kind." + text.Key(f.Quarantine.Kind))
	switch f.Quarantine.Kind {
	case "phone", "extension", "line", "site":
		what = text.Of("quarantine.what", what, f.Value)
	}
	return text.Of("alert.what.apart", what, f.ID, f.CreatedBy)
}

// cheaper adds to a change of prices that calls count as less by it.
func cheaper(what text.Message, n int) text.Message {
	if n == 0 {
		return what
	}
	return text.Of("alert.what.cheaper", what, n)
}

// money tells the facts about budgets. Each share of one is an episode of its
// own, so that each is told.
func money(f fact.Fact) (signal, bool) {
	switch f := f.(type) {
	case fact.BudgetExhausted:
		return signal{
			kind: Money, about: "budget/" + f.Account, of: text.Of("alert.of.budget", f.Account), n: 1,
			what: text.Of("alert.what.exhausted", f.Account), do: text.Of("alert.do.budget", f.Account),
		}, true
	case fact.BudgetNearing:
		share := strconv.Itoa(f.Share)
		return signal{
			kind: Money, as: "nearing", about: "budget/" + f.Account + "/" + share,
			of: text.Of("alert.of.budget", f.Account), n: 1,
			what: text.Of("alert.what.nearing", share, tariff.Money(f.Used).String(), tariff.Money(f.Cap).String(),
				text.Of("cli.budget.window."+text.Key(f.Window))),
			do: text.Of("alert.do.nearing", f.Account),
		}, true
	}
	return signal{}, false
}
