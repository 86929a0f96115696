package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// Action is what a feature code does: a stable word.
type Action string

// The actions. Those that switch the mode do so until the timetable changes it
// the next time, if there is a timetable.
const (
	ModeToggle    Action = "mode-toggle" // day, or night 1 where it is day
	ModeTimetable Action = "mode-timetable"
	ModeDay       Action = "mode-day"
	ModeNight1    Action = "mode-night1"
	ModeNight2    Action = "mode-night2"
	ModeHoliday   Action = "mode-holiday"
	ModeKeep      Action = "mode-keep" // what is on now stays until somebody says otherwise
	ModeSay       Action = "mode-say"
	// What follows is set for the extension that dials.
	QuietOn        Action = "do-not-disturb-on"
	QuietOff       Action = "do-not-disturb-off"
	OneCallOn      Action = "one-call-on"
	OneCallOff     Action = "one-call-off"
	AlwaysOn       Action = "forward-always-on" // to the number that follows
	AlwaysOff      Action = "forward-always-off"
	BusyOn         Action = "forward-busy-on"
	BusyOff        Action = "forward-busy-off"
	UnansweredOn   Action = "forward-unanswered-on"
	UnansweredOff  Action = "forward-unanswered-off"
	UnreachableOn  Action = "forward-unreachable-on"
	UnreachableOff Action = "forward-unreachable-off"
	GroupIn        Action = "group-in" // of the number that follows
	GroupOut       Action = "group-out"
	// PauseOn has no queue ring the extension, until PauseOff.
	PauseOn  Action = "pause-on"
	PauseOff Action = "pause-off"
	// CallerIDWithhold and CallerIDShow say what the extension's outside calls show of its
	// number; CallerIDOffice has them show what the office's do.
	CallerIDWithhold Action = "caller-id-withhold"
	CallerIDShow     Action = "caller-id-show"
	CallerIDOffice   Action = "caller-id-office"
	// GroupToggle and PauseToggle do what is not so yet: keys do that.
	GroupToggle Action = "group-toggle"
	PauseToggle Action = "pause-toggle"
)

// BySelf is who set what the unit set itself.
const BySelf = "unit"

// BlockLast turns away whom the extension talked with last on a line.
const BlockLast Action = "block-last"

// Intercom has a phone answer by itself (内線呼出); Page has whoever dials it speak to many
// (一斉放送, ゾーン放送): to a group, or to all.
const (
	Intercom Action = "intercom"
	Page     Action = "page"
)

// The actions that dial for an extension what is longer, and the one that fills its
// own places for that.
const (
	SpeedCommon Action = "speed-dial"     // the place that follows, of everybody
	SpeedOwn    Action = "speed-dial-own" // of the extension that dials
	SpeedSet    Action = "speed-dial-set" // the own place that follows, and the number behind it
	Redial      Action = "redial"         // what the extension dialed last
	CallMissed  Action = "call-missed"    // who called the extension last and was not answered (折り返し)
)

// Callback has the extension that dials be called when the one that follows, or that it
// dialed last, is free again (話中時予約); CallbackOff not any more.
const (
	Callback    Action = "callback"
	CallbackOff Action = "callback-off"
)

// Wake-up calls, for the extension that dials: each day or once at the time that
// follows, HHMM, or not.
const (
	WakeUp      Action = "wake-up"
	WakeUpDaily Action = "wake-up-daily"
	WakeUpOff   Action = "wake-up-off"
)

// Chosen tells whether a key of a menu may lead to an action, whoever presses it.
func (a Action) Chosen() bool {
	return a == Menu || a == MailboxLeave || a == MailboxEnter || a == Announce || a == ConferenceEnter
}

// Short tells whether an action stands for something else to be dialed.
func (a Action) Short() bool {
	return a == SpeedCommon || a == SpeedOwn || a == Redial || a == CallMissed
}

// Conference has who dials it come into a room (会議室); ThreeWay has those with whom the
// phone talks hear each other (三者通話).
const (
	Conference Action = "conference"
	ThreeWay   Action = "three-way"
)

// ConferenceEnter has who calls come into the room Asked.Digits by its PIN, without which
// nobody does. No code does: a number or a key of a menu leads there.
const ConferenceEnter Action = "conference-enter"

// RecordOn has the call that the phone talks in be recorded (通話録音), RecordOff not any
// more; between RecordPause and RecordResume the recording is silent.
const (
	RecordOn     Action = "record-on"
	RecordOff    Action = "record-off"
	RecordPause  Action = "record-pause"
	RecordResume Action = "record-resume"
)

// DeskIn logs the extension that follows in at the phone that dials (フリーアドレス),
// DeskOut whoever is.
const (
	DeskIn  Action = "desk-in"
	DeskOut Action = "desk-out"
)

// EchoTest lets the extension hear itself.
const EchoTest Action = "echo-test"

// SayTime says the time, and the number of the extension that dials.
const SayTime Action = "say-time"

// MailboxListen plays an extension the messages in its mailbox. MailboxLeave takes one
// for the extension Asked.Digits: no code does, but forwards and what numbers ring.
const (
	MailboxListen Action = "mailbox"
	MailboxLeave  Action = "mailbox-leave"
)

// MailboxEnter has who calls hear a mailbox by its number and its PIN: an extension by
// its code, others where a number or a key of a menu leads there.
const MailboxEnter Action = "mailbox-enter"

// Announce says an announcement, Asked.Digits, to who calls. No code does: a number
// rings it.
const Announce Action = "announce"

// Menu has the unit ask who calls where it wants to go, by the menu whose number is
// Asked.Digits. No code does: it is a number like an extension's.
const Menu Action = "menu"

// The actions that have to do with calls of others. Those that take a call do so
// where one waits there, else whom the phone talks with waits there.
const (
	Park       Action = "park"         // at a position that everybody sees
	OwnHold    Action = "own-hold"     // of the extension's own
	PickUp     Action = "pick-up"      // what rings at an extension or a group, or in the groups of who dials
	PickUpFrom Action = "pick-up-from" // what rings at an extension or a group
	SeizeKey   Action = "line-key"     // an outside-line key: dial tone, or whoever is there
)

// OfCalls tells whether an action has to do with calls of others.
func (a Action) OfCalls() bool {
	return a == Park || a == OwnHold || a == PickUp || a == PickUpFrom || a == SeizeKey ||
		a == ThreeWay || a.Records()
}

// Records tells whether an action has to do with the recording of a call.
func (a Action) Records() bool {
	return a == RecordOn || a == RecordOff || a == RecordPause || a == RecordResume
}

// actions are all there are, each with the code that it has by default.
var actions = []struct {
	action Action
	code   string
	takes  argument
}{
	{ModeToggle, "*8228", none},
	{ModeTimetable, "*820", none},
	{ModeDay, "*821", none},
	{ModeNight1, "*822", none},
	{ModeNight2, "*823", none},
	{ModeHoliday, "*824", none},
	{ModeKeep, "*825", none},
	{ModeSay, "*829", none},
	{BlockLast, "*33", none},
	{EchoTest, "*96", none},
	{Conference, "*30", room},
	{ThreeWay, "*39", none},
	{SayTime, "*99", none},
	{RecordOn, "*51", none},
	{RecordOff, "*50", none},
	{RecordPause, "*52", none},
	{RecordResume, "*53", none},
	{Intercom, "*80", extension},
	{Page, "*81", mayGroup},
	{SpeedCommon, "*0", place},
	{SpeedOwn, "*1", place},
	{SpeedSet, "*75", digits},
	{Redial, "*66", none},
	{CallMissed, "*36", none},
	{Callback, "*37", mayExtension},
	{CallbackOff, "*38", none},
	{WakeUp, "*68", digits},
	{WakeUpDaily, "*69", digits},
	{WakeUpOff, "*67", none},
	{Park, "*77", position},
	{MailboxListen, "*97", none},
	{MailboxEnter, "*98", none},
	{OwnHold, "*70", none},
	{SeizeKey, "*57", keyNumber},
	{PickUp, "*88", mayCalled},
	{PickUpFrom, "**", called},
	{QuietOn, "*78", none},
	{QuietOff, "*79", none},
	{OneCallOn, "*43", none},
	{OneCallOff, "*44", none},
	{AlwaysOn, "*72", digits},
	{AlwaysOff, "*73", none},
	{BusyOn, "*90", digits},
	{BusyOff, "*91", none},
	{UnansweredOn, "*92", digits},
	{UnansweredOff, "*93", none},
	{UnreachableOn, "*94", digits},
	{UnreachableOff, "*95", none},
	{CallerIDWithhold, "*84", none},
	{CallerIDOffice, "*85", none},
	{CallerIDShow, "*86", none},
	{DeskIn, "*60", extension},
	{DeskOut, "*61", none},
	{GroupIn, "*21", digits},
	{GroupOut, "*23", digits},
	{PauseOn, "*45", none},
	{PauseOff, "*46", none},
}

// Service is what an action sets for the extension that dials it, and whether it
// switches it on; "" for actions that set none.
func (a Action) Service() (service string, on bool) {
	switch a {
	case QuietOn, QuietOff:
		return fact.ServiceDoNotDisturb, a == QuietOn
	case OneCallOn, OneCallOff:
		return fact.ServiceOneCall, a == OneCallOn
	case PauseOn, PauseOff:
		return fact.ServicePause, a == PauseOn
	case CallerIDWithhold, CallerIDShow, CallerIDOffice:
		return fact.ServiceCallerID, a != CallerIDOffice
	case AlwaysOn, AlwaysOff:
		return fact.ForwardAlways, a == AlwaysOn
	case BusyOn, BusyOff:
		return fact.ForwardBusy, a == BusyOn
	case UnansweredOn, UnansweredOff:
		return fact.ForwardUnanswered, a == UnansweredOn
	case UnreachableOn, UnreachableOff:
		return fact.ForwardUnreachable, a == UnreachableOn
	}
	return "", false
}

// Value is what an action sets its service to, where that is not what follows the code.
func (a Action) Value() string {
	switch a {
	case CallerIDWithhold:
		return fact.CallerIDWithhold
	case CallerIDShow:
		return fact.CallerIDShow
	}
	return ""
}

// argument says what follows a code.
type argument uint8

const (
	none         argument = iota
	position              // 1 to ParkPositions
	place                 // of speed dialing
	room                  // 1 to Rooms
	extension             // of the unit
	mayExtension          // or nothing
	mayGroup              // so
	called                // an extension or a group, of another site too
	mayCalled             // or nothing
	digits                // of any number
	keyNumber             // of an outside-line key, or FreeKey
)

// Feature is a code of the unit, and what it does.
type Feature struct {
	Code   string
	Action Action
}

// Asked is what a feature code that was dialed asks of the unit.
type Asked struct {
	Action Action
	Digits string // that follow the code: a position, an extension, or a number
}

// Features are the codes of a unit of which nothing else is said.
func Features() []Feature {
	out := make([]Feature, 0, len(actions))
	for _, a := range actions {
		out = append(out, Feature{Code: a.code, Action: a.action})
	}
	return out
}

// features is a table of feature codes; what is dialed is one of them at most.
type features []Feature

// add takes the table, and says what is wrong with it.
func (f *features) add(table []Feature, prefix string) (faults []error) {
	for _, one := range table {
		if err := number.CheckFeature(one.Code, prefix); err != nil {
			faults = append(faults, err)
		}
		if _, ok := one.Action.takes(); !ok {
			faults = append(faults, fmt.Errorf("feature code %s: no action %.20q", one.Code, one.Action))
		}
	}
	if one, other, ok := Clash(table); ok {
		faults = append(faults, fmt.Errorf("feature code %s: %s is a code too", one, other))
	}
	*f = slices.Clone(table)
	return faults
}

// CodeOf is what is dialed for an action, "" where nothing is.
func (p *Plan) CodeOf(a Action) string {
	for _, one := range p.features {
		if one.Action == a {
			return one.Code
		}
	}
	return ""
}

// Clash finds two codes that are the same, or of which one takes digits and is
// how the other begins: nobody could tell them apart.
func Clash(table []Feature) (one, other string, found bool) {
	for i, x := range table {
		takes, _ := x.Action.takes()
		for k, y := range table {
			if k != i && (y.Code == x.Code || takes != none && strings.HasPrefix(y.Code, x.Code)) {
				return x.Code, y.Code, true
			}
		}
	}
	return "", "", false
}

func (a Action) takes() (argument, bool) {
	for _, one := range actions {
		if one.action == a {
			return one.takes, true
		}
	}
	return none, false
}

// asked finds the code that a dialed string is, whole, with nothing behind it but
// what the code takes.
func (p *Plan) asked(dialed string) (Asked, bool) {
	for _, one := range p.features {
		rest, ok := strings.CutPrefix(dialed, one.Code)
		if !ok {
			continue
		}
		takes, _ := one.Action.takes()
		fits := rest == "" && (takes == none || takes == mayExtension || takes == mayGroup || takes == mayCalled)
		switch takes {
		case position:
			fits = len(rest) == 1 && rest[0] >= '1' && rest[0] < '1'+ParkPositions
		case place:
			fits = isPlace(rest)
		case room:
			fits = IsRoom(rest)
		case extension, mayExtension:
			fits = fits || p.extensions[rest]
		case called, mayCalled:
			fits = fits || p.extensions[rest] || p.Group(rest) || p.Site(rest) != ""
		case keyNumber:
			_, is := p.LineKey(rest)
			fits = is || rest == FreeKey
		case mayGroup:
			fits = fits || p.Group(rest)
		case digits:
			fits = allDigits(rest) && len(rest) <= MaxArgument
		}
		if fits {
			return Asked{Action: one.Action, Digits: rest}, true
		}
	}
	return Asked{}, false
}

// Offers tells whether there is a code for an action.
func (p *Plan) Offers(a Action) bool {
	return slices.ContainsFunc(p.features, func(f Feature) bool { return f.Action == a })
}

// parkKey is how the names of park positions begin that phones' keys watch and call.
const parkKey = "park"

// NightKey is the name that a key watches and calls which switches the unit's mode.
const NightKey = "night"

// Keys that log the phone's extension in to a group and out, and pause it for queues, call
// and watch these names: "login400" and "pause".
const (
	loginKey = "login"
	PauseKey = "pause"
)

// OfExtension tells whether a key shows how it stands with the extension that watches it,
// and not with the whole office.
func (p *Plan) OfExtension(name string) bool {
	t, ok := p.Key(name)
	return ok && (t.Asked.Action == GroupToggle || t.Asked.Action == PauseToggle)
}

// LoggedIn tells whether an extension rings with the group of a key's name.
func (p *Plan) LoggedIn(name, extension string) bool {
	number := strings.TrimPrefix(name, loginKey)
	g, ok := p.groups[number]
	return ok && slices.Contains(g.Members, extension) && !slices.Contains(g.Out, extension)
}

// Key is what a key of a phone asks for that calls what it watches: "park1", "night",
// "key1", "login400", "pause"; some phones put the code for taking calls in front where it blinks.
func (p *Plan) Key(user string) (Target, bool) {
	if user == NightKey && p.Offers(ModeToggle) {
		return Target{Kind: Service, Asked: Asked{Action: ModeToggle}, Why: WhyFeature}, true
	}
	if t, ok := p.pressed(user); ok {
		return t, true
	}
	if number, ok := strings.CutPrefix(user, loginKey); ok && p.Group(number) {
		return Target{Kind: Service, Asked: Asked{Action: GroupToggle, Digits: number}, Why: WhyFeature}, true
	}
	if user == PauseKey {
		return Target{Kind: Service, Asked: Asked{Action: PauseToggle}, Why: WhyFeature}, true
	}
	digit, ok := strings.CutPrefix(user, parkKey)
	if !ok || !p.Offers(Park) {
		return Target{}, false
	}
	if len(digit) != 1 || digit[0] < '1' || digit[0] >= '1'+ParkPositions {
		return Target{}, false
	}
	return Target{Kind: Service, Asked: Asked{Action: Park, Digits: digit}, Why: WhyFeature}, true
}

// Members are those of a group.
func (p *Plan) Members(group string) []string { return p.groups[group].Members }

// Mates are the extensions that are in a group with one, by the numbers of the
// groups.
func (p *Plan) Mates(ext string) (mates []string) {
	for _, number := range slices.Sorted(maps.Keys(p.groups)) {
		if g := p.groups[number]; slices.Contains(g.Members, ext) {
			mates = append(mates, g.Members...)
		}
	}
	return mates
}

func (f features) codes() []string {
	out := make([]string, 0, len(f))
	for _, one := range f {
		out = append(out, one.Code)
	}
	return out
}
