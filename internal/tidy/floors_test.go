package tidy

import (
	"strings"
	"testing"
)

// floors says on which floor a folder stands: the longest matching entry wins.
var floors = map[string]int{
	"cmd/sekisho": 6, "alert": 4,
	"app": 5, "cli": 5,
	"unit": 4, "carrier": 4, "center": 4, "inspect": 4, "evidence": 4, "share": 4, "console": 4, "sim": 4,
	"metrics": 4, "phonebook": 4,
	"plane": 3, "store": 3, "bus": 3, "gate/desk": 3, "unit/phone": 3, "unit/line": 3, "unit/media": 3,
	"unit/archive":          3,
	"gate/challenge/prover": 3, "center/link": 3, "center/release": 3, "evidence/recorder": 3, "wire/sip/stack": 3,
	"gate": 2, "unit/plan": 2, "unit/call": 2, "unit/lamp": 2, "unit/attendant": 2,
	"unit/queue": 2, "evidence/chain": 2,
	"center/consent": 2, "center/measure": 2, "center/rollout": 2, "alert/watch": 2,
	"wire":     1,
	"calendar": 0, "fact": 0, "number": 0, "tally": 0, "text": 0, "vectors": 0,
}

// outside lists folders that are no part of the binary: they may import
// anything of ours, nobody imports them.
var outside = []string{"e2e", "bench", "internal"}

func floorOf(folder string) (floor int, room string, ok bool) {
	for dir, f := range floors {
		if under(folder, dir) && len(dir) > len(room) {
			floor, room, ok = f, dir, true
		}
	}
	return floor, room, ok
}

func isOutside(folder string) bool {
	for _, o := range outside {
		if under(folder, o) {
			return true
		}
	}
	return false
}

// wrapped says which outside modules a folder may import: it exists to wrap
// them.
var wrapped = map[string][]string{
	"number":         {"github.com/nyaruka/phonenumbers", "golang.org/x/text"},
	"wire/rtp":       {"github.com/pion/srtp/v3", "github.com/pion/rtp", "github.com/pion/rtcp"},
	"evidence/chain": {"golang.org/x/mod/sumdb/tlog", "golang.org/x/mod/sumdb/note"},
	"plane": {
		"github.com/google/nftables", "golang.org/x/sys/unix", "github.com/miekg/dns", "golang.org/x/net",
	},
	"store":                 {"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"},
	"unit/media":            {"golang.org/x/sys/unix"},
	"gate/challenge/prover": {"golang.org/x/crypto/argon2"},
	"unit/line":             {"github.com/BurntSushi/toml"},
	"sim/fraud":             {"github.com/BurntSushi/toml"},
	"wire/sip/stack":        {"golang.org/x/sys/unix"},
	"app":                   {"github.com/BurntSushi/toml"},
	"alert/mail":            {"github.com/wneessen/go-mail"},
	"phonebook":             {"github.com/go-asn1-ber/asn1-ber"},
	"metrics":               {"github.com/prometheus/client_golang", "github.com/prometheus/common/expfmt"},
	"cli": {
		"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "golang.org/x/text",
	},
}

func std(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func TestImportsGoDownTheFloors(t *testing.T) {
	seen := 0
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) {
			continue
		}
		floor, room, ok := floorOf(s.pkg)
		if !ok {
			t.Errorf("%s: stands on no floor; put it into a room of ARCHITECTURE.md or add the room to floors", s.path)
			continue
		}
		for _, imp := range s.imports() {
			seen++
			if why := judgeImport(s.pkg, room, floor, imp); why != "" {
				t.Errorf("%s imports %s: %s", s.path, imp, why)
			}
		}
	}
	if seen == 0 {
		t.Fatal("no imports seen: the test looked at nothing")
	}
}

// judgeImport gives the reason why an import must not be, "" if it may.
func judgeImport(pkg, room string, floor int, imp string) string {
	if std(imp) {
		return ""
	}
	if !strings.HasPrefix(imp, module+"/") {
		for place, libraries := range wrapped {
			for _, w := range libraries {
				if under(pkg, place) && under(imp, w) {
					return ""
				}
			}
		}
		return "this room does not wrap that library; ask the room that does, " +
			"or add it to wrapped with a decision record"
	}
	to := strings.TrimPrefix(imp, module+"/")
	if isOutside(to) {
		return "tests and benchmarks are not imported by the house"
	}
	toFloor, toRoom, ok := floorOf(to)
	switch {
	case !ok:
		return "that folder stands on no floor"
	case room == toRoom || under(to, pkg):
		return ""
	case floor == 0:
		return "words import no other words: a plain type of Go carries the value"
	case floor == 1 && toFloor == 0:
		return "protocols know no words of the house: declare what you need in wire"
	case floor == 2 && toFloor == 1:
		return "cores speak of legs and destinations, not of messages: let the driver translate"
	case floor == 2 && !under(toRoom, topRoom(pkg)) && toFloor == 2:
		return "cores know only floor 0 and their own sub-folders: let the driver pass values"
	case floor == 3 && toFloor == 3:
		return "rooms of the world meet in app: declare a small interface instead"
	case floor == 4 && toFloor == 4 && !under(to, topRoom(pkg)):
		return "parts never import each other: they meet in app through small interfaces and facts"
	case floor == 4 && toFloor == 3:
		return ""
	case toFloor > floor:
		return "imports go down, never up: declare an interface here and let app wire it"
	}
	return ""
}

func topRoom(pkg string) string {
	top, _, _ := strings.Cut(pkg, "/")
	return top
}

// never lists what a room must not import, with the reason (ARCHITECTURE.md).
var never = []struct {
	room   string
	except []string
	imp    string
	why    string
}{
	{"wire", nil, "net/http", "the voice side speaks no HTTP: plane does, and hands over a message connection"},
	{"unit", nil, "net/http", "the voice side speaks no HTTP: plane does, and hands over a message connection"},
	{"carrier", nil, "net/http", "the voice side speaks no HTTP: plane does, and hands over a message connection"},
	{"console", nil, module + "/wire", "the console sees facts and the app's API, no SIP"},
	{"console", nil, module + "/unit", "the console sees facts and the app's API, no unit"},
	{"", []string{"store"}, "database/sql", "only store talks to a database"},
	{"", []string{"store"}, "modernc.org/sqlite", "only store talks to a database"},
	{"", []string{"store"}, "github.com/jackc/pgx", "only store talks to a database"},
	{"", []string{"bus"}, "github.com/nats-io", "only bus talks NATS"},
	{"inspect", nil, module + "/unit", "inspect judges us as it judges others"},
	{"inspect", nil, module + "/gate", "inspect judges us as it judges others"},
	{"sim/fraud", nil, module + "/gate", "what judges the gate knows nothing of it"},
	{"center", nil, module + "/unit", "the center meets units in center/link"},
	{"unit", nil, module + "/center", "units meet the center in center/link"},
	{"", nil, "unsafe", "a Pass could be forged with it"},
	{"", nil, "C", "the binary is static, CGO is off"},
}

func TestNeverImports(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) {
			continue
		}
		for _, imp := range s.imports() {
			for _, n := range never {
				if n.room != "" && !under(s.pkg, n.room) || !under(imp, n.imp) {
					continue
				}
				if excepted(s.path, s.pkg, n.except) || exempt(t, s.path, "import "+imp) {
					continue
				}
				t.Errorf("%s imports %s: %s", s.path, imp, n.why)
			}
		}
		if strings.Contains(s.text, "//go:"+"linkname") {
			t.Errorf("%s: linkname is banned: a Pass could be forged with it", s.path)
		}
	}
}

func excepted(path, pkg string, except []string) bool {
	for _, e := range except {
		if under(pkg, e) || path == e {
			return true
		}
	}
	return false
}

func TestJudgeImportFindsWhatItShould(t *testing.T) {
	bad := [][2]string{
		{"gate", module + "/wire/sip"},
		{"gate", module + "/plane"},
		{"gate/rule", module + "/unit/plan"},
		{"unit/phone", module + "/store"},
		{"unit", module + "/evidence"},
		{"wire/sip", module + "/number"},
		{"number", module + "/gate"},
		{"fact", module + "/number"},
		{"number", "github.com/spf13/cobra"},
		{"unit", module + "/app"},
		{"app", module + "/e2e"},
	}
	for _, b := range bad {
		floor, room, _ := floorOf(b[0])
		if judgeImport(b[0], room, floor, b[1]) == "" {
			t.Errorf("%s importing %s must be a finding", b[0], b[1])
		}
	}
	good := [][2]string{
		{"gate/desk", module + "/gate"},
		{"unit", module + "/unit/call"},
		{"unit", module + "/wire/sip/stack"},
		{"app", module + "/unit"},
		{"wire/sip/stack", module + "/gate"},
	}
	for _, g := range good {
		floor, room, _ := floorOf(g[0])
		if why := judgeImport(g[0], room, floor, g[1]); why != "" {
			t.Errorf("%s importing %s must pass, but: %s", g[0], g[1], why)
		}
	}
}
