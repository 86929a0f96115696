package call

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/sekisho/sekisho/number"
)

// TestScripts runs every situation in testdata: input lines in, effects out.
//
//	new [from=line] [tell=N] [late] [contacts=ext/key,…] [lines=l1,l2] [emergency] [via=…] [announce=early|answered]
//	    [attended] [serve] [attend] [page] [onward] [confirm] [ring=DURATION] [apart=DURATION]
//	in EVENT [LEG] [status=…] [media] [passed] [ask] [again] [next-line] [refusal=status/prompt] [reason=…] [digit=…]
//	   [up] [line] [none] [wait=DURATION] [back=ext/key] [hear=ringing|same]
//	wait DURATION   steps Timer at every deadline within it
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			switch d.Cmd {
			case "new":
				s.open(t, d)
				s.step(&out, Input{Event: Start})
			case "in":
				for line := range strings.SplitSeq(strings.TrimSpace(d.Input), "\n") {
					fmt.Fprintf(&out, "> %s\n", line)
					s.step(&out, parseInput(t, line))
				}
			case "wait":
				s.wait(t, &out, d.CmdArgs[0].Key)
			default:
				d.Fatalf(t, "unknown command %q", d.Cmd)
			}
			return out.String()
		})
	})
}

type script struct {
	call  *Call
	now   time.Time
	began time.Time
}

func (s *script) open(t *testing.T, d *datadriven.TestData) {
	var config Config
	setup := Setup{Offer: true}
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "from":
			setup.From, setup.Line = Line, "in"
		case "tell":
			setup.From, setup.Offer = Self, false
			setup.Tell, _ = strconv.Atoi(arg.Vals[0])
		case "attended":
			setup.From, setup.Offer, setup.Attend = Self, false, true
		case "late":
			setup.Offer = false
		case "announce":
			config.Announce = map[string]AnnounceMode{"early": AnnounceEarly, "answered": AnnounceAnswered}[arg.Vals[0]]
		default:
			routeArg(t, &setup.Route, arg.Key, arg.Vals)
		}
	}
	s.call = New(config, setup)
	s.began = s.now
}

var vias = map[string]Via{
	"redirect": Redirected, "line-to-line": LineToLine, "forward": Forwarded, "alert": Alert, "transfer": Transferred,
}

func routeArg(t *testing.T, r *Route, key string, vals []string) {
	switch key {
	case "contacts":
		for _, v := range vals {
			ext, contact, _ := strings.Cut(v, "/")
			r.Contacts = append(r.Contacts, Contact{Extension: ext, Key: contact})
		}
	case "lines":
		r.Lines = vals
		r.Destination = number.Destination{Class: number.Mobile, Digits: "819012345678"}
	case "emergency":
		r.Emergency = true
	case "via":
		r.Via = vias[vals[0]]
	case "by":
		r.By = vals[0]
	case "attend":
		r.Attend = true
	case "page":
		r.Page = true
	case "serve":
		r.Serve = true
	case "onward":
		r.Onward = true
	case "confirm":
		r.Confirm = true
	case "apart": // each contact that much later than the one before
		d, _ := time.ParseDuration(vals[0])
		for i := range r.Contacts {
			r.Contacts[i].After, r.Contacts[i].For = time.Duration(i)*d, d
		}
	case "ring":
		r.Ring, _ = time.ParseDuration(vals[0])
	case "refusal":
		r.Refuse = parseRefusal(t, vals[0])
	default:
		t.Fatalf("unknown word %q", key)
	}
}

func (s *script) step(out *strings.Builder, in Input) {
	before := s.call.Done()
	for _, e := range s.call.Step(s.now, in, nil) {
		fmt.Fprintf(out, "%s\n", e)
	}
	switch at := s.call.Deadline(); {
	case s.call.Done() && !before:
		fmt.Fprintf(out, "(over)\n")
	case !at.IsZero():
		fmt.Fprintf(out, "(next %s)\n", at.Sub(s.began))
	}
}

func (s *script) wait(t *testing.T, out *strings.Builder, d string) {
	length, err := time.ParseDuration(d)
	if err != nil {
		t.Fatal(err)
	}
	end := s.now.Add(length)
	for {
		at := s.call.Deadline()
		if at.IsZero() || at.After(end) {
			break
		}
		s.now = at
		fmt.Fprintf(out, "> timer at %s\n", at.Sub(s.began))
		s.step(out, Input{Event: Timer})
	}
	s.now = end
}

func parseRefusal(t *testing.T, s string) Refusal {
	status, prompt, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(status)
	if err != nil {
		t.Fatal(err)
	}
	return Refusal{Status: n, Prompt: prompt}
}

func parseReason(s string) Reason {
	protocol, rest, _ := strings.Cut(s, ";")
	cause, text, _ := strings.Cut(rest, ";")
	n, _ := strconv.Atoi(cause)
	return Reason{Protocol: protocol, Cause: n, Text: text}
}

func parseInput(t *testing.T, line string) Input {
	in := Input{Leg: A}
	for i, word := range strings.Fields(line) {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case i == 0:
			in.Event = eventNamed(t, word)
		case key == "A":
		case key[0] == 'B':
			n, err := strconv.Atoi(key[1:])
			if err != nil {
				t.Fatal(err)
			}
			in.Leg = LegID(n)
		case key == "status":
			in.Status, _ = strconv.Atoi(value)
		case key == "media":
			in.Media = true
		case key == "passed":
			in.Passed = true
		case key == "ask":
			in.Ask = true
		case key == "again":
			in.Again = true
		case key == "next-line":
			in.NextLine = true
		case key == "refusal" && in.Event != RedirectedTo && in.Event != Refer && in.Event != Onward &&
			in.Event != Connect:
			in.Refusal = parseRefusal(t, value)
		case key == "reason":
			in.Reason = parseReason(value)
		case key == "digit":
			in.Digit = value[0]
		case key == "up":
			in.Up = true
		case key == "line":
			in.Kind = Line
		case key == "none":
			in.Leg = None
		case key == "hear":
			in.Hear = map[string]Hear{"ringing": HearRinging, "same": HearSame}[value]
		case key == "wait":
			in.Wait, _ = time.ParseDuration(value)
		case key == "back":
			ext, contact, _ := strings.Cut(value, "/")
			in.Back = append(in.Back, Contact{Extension: ext, Key: contact})
		default:
			routeArg(t, &in.Route, key, strings.Split(value, ","))
		}
	}
	return in
}

func eventNamed(t *testing.T, name string) Event {
	for i, n := range eventNames {
		if n == name {
			return Event(i)
		}
	}
	t.Fatalf("no event %q", name)
	return 0
}
