package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/sip/load"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// unit is sekisho serve with its defaults, but for its addresses.
type unit struct {
	bed    *bed
	binary string
	data   string
	proc   *process
	site   *load.Site
	phones bool // whether they are registered
}

var _ subject = (*unit)(nil)

func (u *unit) name() string { return "sekisho" }

func (u *unit) pid() int { return u.proc.pid() }

// start starts a unit with an empty data directory, claims it and gives it
// phones and an outside line.
func (u *unit) start(ctx context.Context) error {
	dir, err := os.MkdirTemp(u.bed.dir, "unit-")
	if err != nil {
		return err
	}
	u.data = filepath.Join(dir, "data")
	config := filepath.Join(dir, "sekisho.toml")
	at := u.bed.unit()
	text := fmt.Sprintf("[voice]\nline_addr = \"%s:%d\"\n"+
		"listen = [ {name = \"udp\", transport = \"udp\", addr = \"%s:%d\"} ]\n", at, portLine, at, portSIP)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	u.proc, err = startProcess(u.bed.nice, filepath.Join(dir, "log"), u.binary,
		"serve", "--lang", "en", "--data", u.data, "--config", config)
	if err != nil {
		return err
	}
	code := regexp.MustCompile(`sekisho claim (\S+)`)
	if err := u.proc.await(u.name(), func() bool { return strings.Contains(u.proc.said(), "\nReady.") }); err != nil {
		return err
	}
	m := code.FindStringSubmatch(u.proc.said())
	if m == nil {
		return fmt.Errorf("the unit printed no claim code:\n%s", u.proc.tail())
	}
	c := app.Dial(u.data)
	if _, err := control.Call(ctx, c, control.Claim, control.ClaimRequest{Code: m[1], Owner: "bench"}); err != nil {
		return fmt.Errorf("claim the unit: %w", err)
	}
	return u.furnish(ctx, c)
}

// furnish adds the phones and the line.
func (u *unit) furnish(ctx context.Context, c *control.Client) error {
	u.site = &load.Site{Server: netip.AddrPortFrom(u.bed.unit(), portSIP), Domain: u.bed.unit().String()}
	u.phones = false
	for i := range 2 * phonesEach {
		ext := fmt.Sprint(phoneFirst + i)
		a, err := control.Call(ctx, c, control.PhoneAdd, control.PhoneAddRequest{Extension: ext})
		if err != nil {
			return fmt.Errorf("add phone %s: %w", ext, err)
		}
		account := load.Account{Extension: ext, User: a.User, Secret: a.Secret}
		if i < phonesEach {
			u.site.Callers = append(u.site.Callers, account)
		} else {
			u.site.Callees = append(u.site.Callees, account)
		}
	}
	_, err := control.Call(ctx, c, control.LineAdd, control.LineAddRequest{
		ID: "carrier", Profile: "generic-static", Registrar: netip.AddrPortFrom(u.bed.carrier(), portSIP).String(),
		Sources: []string{u.bed.carrier().String()}, AreaCode: "03", Channels: lineChannels, Transport: "udp",
		Numbers: []control.LineNumber{{Number: "0312345678", Ring: []string{fmt.Sprint(phoneFirst)}}},
	})
	if err != nil {
		return fmt.Errorf("add the line: %w", err)
	}
	return nil
}

// ready registers the phones, once.
func (u *unit) ready() (*load.Site, error) {
	if !u.phones {
		if err := mustRegister(u.bed, u.site); err != nil {
			return nil, err
		}
		u.phones = true
	}
	return u.site, nil
}

// mustRegister registers all phones of a site.
func mustRegister(b *bed, s *load.Site) error {
	r := b.load.Register(s, registerRate)
	if r.Done != uint64(2*phonesEach) {
		return fmt.Errorf("only %d of %d phones could register: %v", r.Done, 2*phonesEach, r.Failed)
	}
	return nil
}

// stop ends the unit and judges its evidence.
func (u *unit) stop(ctx context.Context) (verdicts, error) {
	reached, strange, dialed := u.bed.load.Outside()
	left := u.leftUp(ctx)
	if err := u.proc.stop(u.bed.load.Idle); err != nil {
		return verdicts{}, fmt.Errorf("the unit: %w", err)
	}
	v, err := u.verify(ctx)
	if err != nil {
		return v, err
	}
	v.Dialed, v.Reached, v.Left = dialed, len(reached), left
	if len(strange) > 0 {
		return v, fmt.Errorf("the carrier was called at %q, which nobody dialed", strange[0])
	}
	return v, v.compare(reached)
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

// verdicts is what the evidence of one unit says.
type verdicts struct {
	Units   int    `json:"units"`
	Leaves  uint64 `json:"leaves"`
	Dialed  uint64 `json:"dialed"`
	Reached int    `json:"reached"`
	Judged  int    `json:"judged"`
	// Left are the calls that the unit still held when nobody else did.
	Left []control.LiveCall `json:"left,omitempty"`

	byNumber map[string]int // verdicts to pass, by number as dialed
	others   int
}

// add sums up two units.
func (v *verdicts) add(o verdicts) {
	v.Units++
	v.Leaves += o.Leaves
	v.Dialed += o.Dialed
	v.Reached += o.Reached
	v.Judged += o.Judged
	v.Left = append(v.Left, o.Left...)
}

// compare demands exactly one verdict for each call that reached the carrier,
// and for each number at most one.
func (v *verdicts) compare(reached map[uint64]int) error {
	for number, calls := range reached {
		dialed := fmt.Sprintf("0%d", number)
		switch {
		case calls != 1:
			return fmt.Errorf("%s was dialed once and reached the carrier in %d calls", dialed, calls)
		case v.byNumber[dialed] != 1:
			return fmt.Errorf("%s reached the carrier with %d verdicts", dialed, v.byNumber[dialed])
		}
	}
	for dialed, n := range v.byNumber {
		if n != 1 {
			return fmt.Errorf("%s was dialed once and judged %d times", dialed, n)
		}
	}
	if v.others > 0 {
		return fmt.Errorf("%d verdicts are of other calls than those dialed, or no pass", v.others)
	}
	return nil
}

var errEvidence = errors.New("evidence verify")

// verify has the shipped program verify the evidence, and reads the verdicts.
func (u *unit) verify(ctx context.Context) (verdicts, error) {
	v := verdicts{byNumber: map[string]int{}}
	cmd := exec.CommandContext(ctx, u.binary, "evidence", "verify", "-o", "json", "--data", u.data)
	out, err := cmd.Output()
	var report evidence.Report
	if unread := json.Unmarshal(out, &report); unread != nil || err != nil || !report.OK {
		err = errors.Join(err, unread, errEvidence)
		return v, fmt.Errorf("the unit's evidence does not verify: %s (%w)", report, err)
	}
	v.Leaves = report.Leaves
	r, err := store.OpenReader(ctx, filepath.Join(u.data, evidence.StoreFile))
	if err != nil {
		return v, err
	}
	defer r.Close()
	judged := fact.CallJudged{}.Kind()
	for rec, err := range r.Leaves(ctx, 0) {
		if err != nil {
			return v, err
		}
		if rec.Kind != judged {
			continue
		}
		v.Judged++
		var open struct {
			Verb string `json:"verb"`
		}
		var personal struct {
			Dialed struct {
				V string `json:"v"`
			} `json:"dialed"`
		}
		if err := json.Unmarshal(rec.Body, &open); err != nil {
			return v, fmt.Errorf("leaf %d: %w", rec.Seq, err)
		}
		if err := json.Unmarshal(rec.Private, &personal); err != nil {
			return v, fmt.Errorf("leaf %d: %w", rec.Seq, err)
		}
		if open.Verb == "pass" && personal.Dialed.V != "" {
			v.byNumber[personal.Dialed.V]++
		} else {
			v.others++
		}
	}
	return v, nil
}
