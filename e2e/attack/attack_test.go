//go:build e2e

package attack

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/evidence"
)

// attack is one row of the tables.
type attack struct {
	name          string
	vulnerability string   // what would be wrong with the unit
	scenario      string   // what the intruder does
	verified      string   // beside the carriers' books and the honest calls, which are looked at after every row
	may           []string // numbers that may reach a carrier: ordinary ones, judged as such
	run           func(g *ground)
}

// TestAttacks runs the rows one after the other against one unit: what one
// leaves behind, the next ones find.
func TestAttacks(t *testing.T) {
	t.Parallel()
	g := newGround(t, filepath.Join(t.TempDir(), "data"))
	g.works()
	tables := [][]attack{strangers, forged, digests, numbers, leads, dialogs, besides, streams, sounds, floods, machine}
	for _, row := range slices.Concat(tables...) {
		t.Run(row.name, func(t *testing.T) {
			g := g.on(t)
			marks := g.marks()
			row.run(g)
			for _, user := range g.reached(marks) {
				if !slices.Contains(row.may, user) {
					t.Errorf("%s: %q reached a carrier", row.vulnerability, user)
				}
			}
			g.works()
			if t.Failed() {
				t.Logf("scenario: %s\nverified: %s", row.scenario, row.verified)
			}
		})
	}
	report, err := evidence.VerifyDir(t.Context(), g.data)
	if err != nil || !report.OK {
		t.Errorf("the evidence afterwards: %v, %v", report, err)
	}
}
