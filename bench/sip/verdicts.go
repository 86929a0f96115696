package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// verdicts is what the evidence of one unit says.
type verdicts struct {
	Units   int    `json:"units"`
	Leaves  uint64 `json:"leaves"`
	Dialed  uint64 `json:"dialed"`
	Reached int    `json:"reached"`
	Judged  int    `json:"judged"`
	// Emergencies are the emergency calls made.
	Emergencies int `json:"emergencies"`
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
	v.Emergencies += o.Emergencies
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
		if dialed == emergencyNumber {
			if n != v.Emergencies {
				return fmt.Errorf("%d emergency calls were judged %d times", v.Emergencies, n)
			}
			continue
		}
		if n != 1 {
			return fmt.Errorf("%s was dialed once and judged %d times", dialed, n)
		}
	}
	if v.others > 0 {
		return fmt.Errorf("%d verdicts are of other calls than those dialed, or no pass", v.others)
	}
	return nil
}

// emergencyNumber is what emergency calls of a run dial.
const emergencyNumber = "119"

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
	r, err := store.OpenReader(ctx, store.Config{Path: filepath.Join(u.data, evidence.StoreFile)})
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
