package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

// routing is what is set about incoming calls.
type routing struct {
	hours    map[string]*hours            // by scope
	switches map[string]fact.ModeSwitched // by scope
	rings    map[string][modes][]string   // by scope
	services map[string]Services
	recorded bool // a setting has calls be recorded
	speed    map[speedPlace]string
	days     map[string]string // "2026-12-28": fact.DayClosed or fact.DayOpen
	keys     []LineKey         // the lowest first
	menus    map[string]fact.MenuSet
	queues   map[string]fact.QueueSet
	sites    []Site
}

// addRouting takes what is set about incoming calls. What a number rings that no
// extension or group has is no fault: phones come and go.
func (p *Plan) addRouting(all []fact.Routed) (faults []error) {
	p.routing = routing{
		hours: map[string]*hours{}, switches: map[string]fact.ModeSwitched{},
		rings: map[string][modes][]string{}, days: map[string]string{},
		menus: map[string]fact.MenuSet{}, queues: map[string]fact.QueueSet{},
		services: map[string]Services{}, speed: map[speedPlace]string{},
	}
	for _, f := range all {
		var err error
		switch f := f.(type) {
		case fact.HoursSet:
			p.hours[f.Scope], err = compile(f)
		case fact.ModeSwitched:
			if _, ok := ParseMode(f.Mode); !ok {
				err = fmt.Errorf("switch of %s: no mode %q", f.Scope, f.Mode)
			}
			p.switches[f.Scope] = f
		case fact.RingsSet:
			err = p.addRings(f)
		case fact.ServiceSet:
			err = p.addService(f)
		case fact.MenuSet:
			err = p.addMenu(f)
		case fact.QueueSet:
			err = p.addQueue(f)
		case fact.SitePaired:
			err = p.addSite(f)
		case fact.KeySet:
			err = p.addKey(f)
		case fact.SpeedSet:
			err = p.addSpeed(f)
		case fact.DayMarked:
			_, bad := time.Parse(time.DateOnly, f.Date)
			if bad != nil || f.As != fact.DayClosed && f.As != fact.DayOpen {
				err = fmt.Errorf("day %q: no date, or no day of ours", f.Date)
			}
			p.days[f.Date] = f.As
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	return append(faults, p.checkSites()...)
}

func (p *Plan) addRings(f fact.RingsSet) error {
	m, ok := ParseMode(f.Mode)
	switch {
	case !ok:
		return fmt.Errorf("rings of %s: no mode %q", f.Scope, f.Mode)
	case len(f.Ring) > MaxMembers:
		return fmt.Errorf("rings of %s: %d, at most %d", f.Scope, len(f.Ring), MaxMembers)
	}
	for _, r := range f.Ring {
		if Spoken(r) && len(f.Ring) > 1 {
			return fmt.Errorf("rings of %s: nothing rings beside %s", f.Scope, r)
		}
	}
	of := p.rings[f.Scope]
	of[m] = f.Ring
	p.rings[f.Scope] = of
	return nil
}

// The announcements that a number can ring in a mode, in place of phones.
const (
	RingsClosed  = "closed"  // the office is closed
	RingsHoliday = "holiday" // so it is all day
)

// Mailbox is where an extension sends calls on to that its mailbox is to take. Numbers
// ring one by mailboxOf and the extension.
const (
	Mailbox   = "mailbox"
	mailboxOf = fact.MailboxPerson
)

// MailboxOf is the extension whose mailbox takes what a number rings, if one does.
func MailboxOf(ring string) (extension string, ok bool) { return strings.CutPrefix(ring, mailboxOf) }

// MailboxName is how a number rings the mailbox of an extension, and whose PIN it is by
// which it is heard from elsewhere.
func MailboxName(extension string) string { return mailboxOf + extension }

// RoomOf is the conference room that a number rings, if it does.
func RoomOf(ring string) (room string, ok bool) {
	room, ok = strings.CutPrefix(ring, fact.RoomPerson)
	return room, ok && IsRoom(room)
}

// IsRoom tells whether there is a conference room of that digit.
func IsRoom(room string) bool { return len(room) == 1 && room[0] >= '1' && room[0] < '1'+Rooms }

// RoomName is how a number rings a conference room, and whose PIN it is by which one comes
// in.
func RoomName(room string) string { return fact.RoomPerson + room }

// ToMailbox is the target of a call that the mailbox of an extension takes.
func ToMailbox(extension string) Target {
	d := number.Destination{Class: number.Extension, Digits: extension}
	return Target{Kind: Service, Destination: d, Asked: Asked{Action: MailboxLeave, Digits: extension}, Why: WhyFeature}
}

// RingsMailboxes has a number, or a key of a menu, let its callers hear mailboxes, each
// by its PIN.
const RingsMailboxes = "mailboxes"

// Spoken tells whether the unit itself takes what rings there.
func Spoken(ring string) bool {
	_, box := MailboxOf(ring)
	_, room := RoomOf(ring)
	return box || room || Announcement(ring) || ring == RingsMailboxes
}

// Answered is the target of what the unit itself takes, if there is such.
func (p *Plan) Answered(ring string) (Target, bool) {
	t := Target{Kind: Service, Destination: number.Destination{Class: number.Extension, Digits: ring}, Why: WhyFeature}
	ext, box := MailboxOf(ring)
	room, isRoom := RoomOf(ring)
	switch {
	case isRoom:
		t.Asked = Asked{Action: ConferenceEnter, Digits: room}
	case box && p.extensions[ext]:
		return ToMailbox(ext), true
	case Announcement(ring):
		t.Asked = Asked{Action: Announce, Digits: ring}
	case ring == RingsMailboxes:
		t.Asked = Asked{Action: MailboxEnter}
	default:
		return Target{}, false
	}
	return t, true
}

// Announcement tells whether what a number rings is an announcement.
func Announcement(ring string) bool { return ring == RingsClosed || ring == RingsHoliday }

// ringsIn is what a number rings in a mode: what is set for it, else what is set
// for all, else what it rings by day.
func (p *Plan) ringsIn(m Mode, n fact.Number) []string {
	for _, scope := range []string{n.Number, fact.ScopeUnit} {
		if ring := p.rings[scope][m]; len(ring) > 0 {
			return ring
		}
	}
	return n.Ring
}
