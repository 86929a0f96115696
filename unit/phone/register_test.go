package phone

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// text writes an answer on one line, without its Date.
func text(a Answer) string {
	var s strings.Builder
	s.WriteString(fmt.Sprint(a.Status))
	for _, h := range a.Headers {
		if h.Name != "Date" {
			s.WriteString(" " + h.Name + ": " + h.Value)
		}
	}
	return s.String()
}

// registering is one REGISTER after another from one phone.
var registering = []struct {
	name     string
	lines    []string
	want     string
	facts    string
	contacts string
	rows     int
}{
	{
		"query", nil, "200", "", "", 0,
	},
	{
		"first",
		[]string{"Contact: <sip:201@192.0.2.10>", "Expires: 600"},
		"200 Contact: <sip:201@192.0.2.10>;expires=600", "phone.registered", "sip:201@192.0.2.10", 1,
	},
	{
		"refresh",
		[]string{"Contact: <sip:201@192.0.2.10>;expires=700", "Expires: 600"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700", "", "sip:201@192.0.2.10", 0,
	},
	{
		"second, preferred less",
		[]string{"Contact: \"x\" <sip:b@192.0.2.10:5070>;q=0.5;expires=300"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700 Contact: <sip:b@192.0.2.10:5070>;expires=300;q=0.500",
		"phone.registered", "sip:201@192.0.2.10 sip:b@192.0.2.10:5070", 1,
	},
	{
		"too long is cut",
		[]string{"Contact: <sip:b@192.0.2.10:5070>;expires=999999"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700 Contact: <sip:b@192.0.2.10:5070>;expires=3600", "",
		"sip:201@192.0.2.10 sip:b@192.0.2.10:5070", 0,
	},
	{
		"too brief",
		[]string{"Contact: <sip:201@192.0.2.10>;expires=59"},
		"423 Min-Expires: 60", "", "sip:201@192.0.2.10 sip:b@192.0.2.10:5070", 0,
	},
	{
		"one good, one bad: none",
		[]string{"Contact: <sip:c@192.0.2.10>, <sip:d@192.0.2.10>;expires=1"},
		"423 Min-Expires: 60", "", "sip:201@192.0.2.10 sip:b@192.0.2.10:5070", 0,
	},
	{
		"one away",
		[]string{"Contact: <sip:b@192.0.2.10:5070>;expires=0"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700", "phone.unregistered", "sip:201@192.0.2.10", 1,
	},
	{
		"line as contact", []string{"Contact: <sip:201@198.51.100.1>"}, "403", "", "sip:201@192.0.2.10", 0,
	},
	{
		"line as mapped contact",
		[]string{"Contact: <sip:201@[::ffff:198.51.100.1]>"},
		"403", "",
		"sip:201@192.0.2.10", 0,
	},
	{
		"line as path",
		[]string{"Contact: <sip:x@192.0.2.10>", "Path: <sip:198.51.100.1;lr>"},
		"403", "",
		"sip:201@192.0.2.10", 0,
	},
	{
		"mail as contact", []string{"Contact: <mailto:x@example.com>"}, "400", "", "sip:201@192.0.2.10", 0,
	},
	{
		"header fields in a contact",
		[]string{"Contact: <sip:201@192.0.2.10?Route=%3Csip:x%3E>;expires=800"},
		"200 Contact: <sip:201@192.0.2.10>;expires=800", "", "sip:201@192.0.2.10", 0,
	},
	{
		"back",
		[]string{"Contact: <sip:201@192.0.2.10>;expires=700"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700", "", "sip:201@192.0.2.10", 0,
	},
	{
		"star with a life", []string{"Contact: *", "Expires: 60"}, "400", "", "sip:201@192.0.2.10", 0,
	},
	{
		"star without Expires", []string{"Contact: *"}, "400", "", "sip:201@192.0.2.10", 0,
	},
	{
		"star beside another",
		[]string{"Contact: *, <sip:x@192.0.2.10>", "Expires: 0"},
		"400", "",
		"sip:201@192.0.2.10", 0,
	},
	{
		"too many contacts",
		[]string{"Contact: <sip:1@192.0.2.10>" + strings.Repeat(", <sip:2@192.0.2.10>", ContactsMax)},
		"400", "", "sip:201@192.0.2.10", 0,
	},
	{
		"path",
		[]string{"Contact: <sip:p@10.0.0.1>", "Path: <sip:edge@192.0.2.10;lr>", "Expires: 60", "Supported: path"},
		"200 Contact: <sip:201@192.0.2.10>;expires=700 Contact: <sip:p@10.0.0.1>;expires=60 " +
			"Supported: path Path: <sip:edge@192.0.2.10;lr>",
		"phone.registered", "sip:201@192.0.2.10 sip:p@10.0.0.1", 1,
	},
	{
		"all away", []string{"Contact: *", "Expires: 0"}, "200", "phone.unregistered phone.unregistered", "", 1,
	},
}

func TestRegister(t *testing.T) {
	o := newOffice(t)
	for i, s := range registering {
		a := o.register(desk, 10*i+1, s.lines...)
		if got := text(a); got != s.want {
			t.Errorf("%s: answer %q, want %q", s.name, got, s.want)
		}
		if got := o.ledger.take(); got != s.facts {
			t.Errorf("%s: facts %q, want %q", s.name, got, s.facts)
		}
		if got := o.contacts("201"); got != s.contacts {
			t.Errorf("%s: contacts %q, want %q", s.name, got, s.contacts)
		}
		if got := o.ledger.rowCount(); got != s.rows {
			t.Errorf("%s: %d rows, want %d", s.name, got, s.rows)
		}
	}
}

func TestRegisterOrder(t *testing.T) {
	o := newOffice(t)
	const contact = "Contact: <sip:201@192.0.2.10>"
	o.register(desk, 9, contact) // CSeq 10 with credentials
	for cseq, want := range map[int]int{8: 500, 9: 500, 19: 200} {
		if cseq == 19 {
			continue
		}
		if a := o.register(desk, cseq, contact); a.Status != want {
			t.Errorf("CSeq %d: %d, want %d", cseq+1, a.Status, want)
		}
	}
	if a := o.register(desk, 19, contact); a.Status != 200 {
		t.Errorf("a later CSeq: %d", a.Status)
	}
	if a := o.register(desk, 1, contact, "Call-ID: reboot"); a.Status != 200 {
		t.Errorf("another Call-ID: %d", a.Status)
	}
}

func TestRegisterOthersAddress(t *testing.T) {
	o := newOffice(t)
	for to, want := range map[string]int{"sip:201@x": 200, "sip:201-1@x": 200, "sip:202@x": 403, "sip:x": 403} {
		v, m := o.signed(desk, "201-1", o.secret, "REGISTER", "sip:unit", to, 1,
			"Contact: <sip:a@192.0.2.10>", "Call-ID: "+to[4:])
		if a := o.Register(m, desk, v.Identity, o.now); a.Status != want {
			t.Errorf("%s: %d, want %d", to, a.Status, want)
		}
	}
	m := message(t, "REGISTER", "sip:unit", "sip:201@unit", 1, "Contact: <sip:a@192.0.2.10>")
	unsigned := edge.Identity{Extension: "201", Home: "201", Device: "201-1", Record: o.device("201-1")}
	if a := o.Register(m, desk, unsigned, o.now); a.Status != 403 {
		t.Errorf("without authentication: %d", a.Status)
	}
}

func TestContactsAreBounded(t *testing.T) {
	o := newOffice(t)
	for i := range 3 * ContactsMax {
		a := o.register(desk, 2*i+1, fmt.Sprintf("Contact: <sip:c%d@192.0.2.10>;expires=%d", i, 1000+i))
		if a.Status != 200 {
			t.Fatalf("contact %d: %d", i, a.Status)
		}
	}
	if got := o.contacts("201"); got != "sip:c8@192.0.2.10 sip:c9@192.0.2.10 sip:c10@192.0.2.10 sip:c11@192.0.2.10" {
		t.Errorf("contacts: %s", got)
	}
}

// Who has a credential can't fill the evidence with it.
func TestNewsIsBounded(t *testing.T) {
	o := newOffice(t)
	refused := 0
	for i := range 2 * NewsMax {
		a := o.register(desk, 1, "Contact: <sip:201@192.0.2.10>",
			fmt.Sprintf("Call-ID: boot%d", i), fmt.Sprintf("User-Agent: v%d", i))
		if a.Status == 503 {
			refused++
		}
	}
	count := map[string]int{}
	for _, f := range o.ledger.facts {
		count[f.Kind()]++
	}
	if refused != NewsMax || count["phone.registered"] != NewsMax || count["phone.moved"] != NewsMax {
		t.Errorf("%d refused, facts: %v", refused, count)
	}
	a := o.register(desk, 3, "Contact: <sip:201@192.0.2.10>", fmt.Sprintf("Call-ID: boot%d", NewsMax-1))
	if a.Status != 200 {
		t.Errorf("a refresh: %d", a.Status)
	}
	o.now = o.now.Add(NewsWindow)
	if a := o.register(desk, 3, "Contact: <sip:201@192.0.2.10>", "Call-ID: later"); a.Status != 200 {
		t.Errorf("later: %d", a.Status)
	}
}

// A phone that reboots with another port is one phone, not two.
func TestInstance(t *testing.T) {
	o := newOffice(t)
	const instance = `;+sip.instance="<urn:uuid:1>"`
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10:5060>"+instance)
	o.ledger.take()
	o.register(desk, 3, "Contact: <sip:201@192.0.2.10:6060>"+instance, "Call-ID: boot2")
	if got := o.contacts("201"); got != "sip:201@192.0.2.10:6060" {
		t.Errorf("contacts: %s", got)
	}
	if got := o.ledger.take(); got != "phone.unregistered phone.registered" {
		t.Errorf("facts: %s", got)
	}
}

func TestWhereRequestsGo(t *testing.T) {
	cases := []struct {
		from, contact, path, want string
	}{
		{"192.0.2.10:5060", "sip:201@192.0.2.10", "", "192.0.2.10:5060"},
		{"192.168.1.9:4000", "sip:201@192.168.1.9:5062", "", "192.168.1.9:5062"}, // speaks and listens apart
		{"192.0.2.10:4000", "sip:201@192.0.2.10:5062", "", "192.0.2.10:4000"},    // STUN behind a symmetric NAT
		{"203.0.113.9:3333", "sip:201@10.0.0.4:5060", "", "203.0.113.9:3333"},    // behind NAT
		{"203.0.113.9:3333", "sip:201@phone.example", "", "203.0.113.9:3333"},
		{"192.168.1.9:4000", "sip:201@192.168.1.9:5062", "Path: <sip:192.168.1.9;lr>", "192.168.1.9:4000"},
	}
	for i, c := range cases {
		o := newOffice(t)
		if a := o.register(source(c.from), 1, "Contact: <"+c.contact+">", c.path); a.Status != 200 {
			t.Fatalf("case %d: %s", i, text(a))
		}
		got := o.Lookup("201", o.now)
		if len(got) != 1 || got[0].Target.Addr.String() != c.want || got[0].Target.Transport != "udp" ||
			got[0].RequestURI != c.contact || (len(got[0].Routes) == 1) != (c.path != "") {
			t.Errorf("case %d: %+v", i, got)
		}
	}
}

func TestRestart(t *testing.T) {
	o := newOffice(t)
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>", "Expires: 600")
	before := o.Lookup("201", o.now)[0]
	rows := []fact.Binding{before.Binding}
	stale := before.Binding
	stale.Contact, stale.Expires = "sip:old@192.0.2.10", o.now
	o.restart()
	if err := o.Restore([]fact.Phone{o.row}, append(rows, stale), o.now); err != nil {
		t.Fatal(err)
	}
	after := o.Lookup("201", o.now)
	if len(after) != 1 || after[0].Pointer() != before.Pointer() || after[0].Target != before.Target {
		t.Errorf("after: %+v", after)
	}
	if _, ok := o.places.at(desk.Remote.Addr(), o.now); !ok || !o.KnownSource(desk.Remote) {
		t.Error("the phone's address is not known after a restart")
	}
	pointer, _ := o.Registration("201-1", desk, o.now)
	if pointer != before.Pointer() {
		t.Errorf("pointer %q", pointer)
	}
	if pointer, _ := o.Registration("201-1", stranger, o.now); pointer != "" {
		t.Errorf("a stranger's pointer %q", pointer)
	}
	if a := o.register(desk, 21, "Contact: <sip:201@192.0.2.10>"); a.Status != 200 || o.ledger.take() == "x" {
		t.Errorf("refresh after a restart: %s", text(a))
	}
}

// A refresh writes no leaf, and its row only when the disk is far behind.
func TestRefreshIsWrittenBehind(t *testing.T) {
	o := newOffice(t)
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>", "Expires: 600")
	o.ledger.take()
	o.ledger.rowCount()
	step := func(after time.Duration, rows int) {
		t.Helper()
		o.now = o.now.Add(after)
		o.register(desk, int(o.now.Sub(testStart)/time.Second)*2+11, "Contact: <sip:201@192.0.2.10>", "Expires: 600")
		o.Tick(o.now)
		if got := o.ledger.rowCount(); got != rows {
			t.Errorf("after %s: %d rows, want %d", after, got, rows)
		}
		if got := o.ledger.take(); got != "" {
			t.Errorf("after %s: facts %q", after, got)
		}
	}
	step(10*time.Second, 0)
	step(15*time.Second, 1)
	step(10*time.Second, 0)
	step(30*time.Second, 1)
}

func TestExpiry(t *testing.T) {
	o := newOffice(t)
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>", "Expires: 62")
	o.ledger.take()
	o.now = o.now.Add(60 * time.Second)
	next := o.Tick(o.now)
	if got := next.Sub(o.now); got != 2*time.Second {
		t.Errorf("next tick in %s", got)
	}
	o.now = next
	if got := o.contacts("201"); got != "" {
		t.Errorf("contacts after the end: %s", got)
	}
	o.Tick(o.now)
	if got := o.ledger.take(); got != "phone.expired" {
		t.Errorf("facts: %q", got)
	}
	if got := o.Phones(o.now); len(got) != 1 || len(got[0].Bindings) != 0 {
		t.Errorf("phones: %+v", got)
	}
}

// When very many phones run out at once, as after a power cut, no Tick does
// them all: it does few enough not to keep its loop from other work, and tells
// of many in one write.
func TestManyExpireAtOnce(t *testing.T) {
	const phones = 1000
	o := newOffice(t)
	var rows []fact.Phone
	var bindings []fact.Binding
	for i := range phones {
		row, _, err := o.Add(context.Background(), fmt.Sprint(1000+i), "", "owner", o.now)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
		bindings = append(bindings, fact.Binding{
			Extension: row.Extension, Device: row.Device, Contact: "sip:a@192.0.2.1", Source: desk.Remote,
			Expires: o.now.Add(time.Minute), Created: o.now,
		})
	}
	o.restart()
	if err := o.Restore(rows, bindings, o.now); err != nil {
		t.Fatal(err)
	}
	o.Tick(o.now.Add(time.Minute - time.Second))
	if got := o.ledger.take(); strings.Contains(got, "expired") {
		t.Fatalf("before their time: %s", got)
	}
	o.now = o.now.Add(time.Minute)
	left, ticks, writes := phones, 0, o.ledger.writes
	for left > 0 {
		next := o.Tick(o.now)
		did := strings.Count(o.ledger.take(), "phone.expired")
		if left -= did; did == 0 || did > batchMax*batchesMax {
			t.Fatalf("a Tick did %d phones", did)
		}
		if left > 0 && next.Sub(o.now) > BusyPause {
			t.Fatalf("%d are left, and the next Tick is in %s", left, next.Sub(o.now))
		}
		ticks++
	}
	if writes = o.ledger.writes - writes; writes > phones/batchMax+ticks {
		t.Errorf("%d writes tell of %d phones", writes, phones)
	}
}

// A disk that takes nothing keeps no phone from registering; when it is back,
// what is registered is written.
func TestDiskIsFull(t *testing.T) {
	o := newOffice(t)
	o.ledger.broken = true
	if a := o.register(desk, 1, "Contact: <sip:201@192.0.2.10>"); a.Status != 200 || o.contacts("201") == "" {
		t.Errorf("on a full disk: %s", text(a))
	}
	o.ledger.broken = false
	o.now = o.now.Add(RewriteAfter - time.Second)
	o.Tick(o.now)
	if got := o.ledger.rowCount(); got != 0 {
		t.Errorf("%d rows before it is time", got)
	}
	o.now = o.now.Add(2 * time.Second)
	o.Tick(o.now)
	if got := o.ledger.rowCount(); got != 1 || o.contacts("201") == "" {
		t.Errorf("%d rows written again", got)
	}
}
