package evidence_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// childFolder makes the test binary write into the named folder until it is
// killed.
const childFolder = "SEKISHO_TEST_WRITE_INTO"

// writeUntilKilled records calls, many at once, and says on standard output
// which are done.
func writeUntilKilled(dir string) error {
	s, err := store.Open(testContext, store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		return err
	}
	signer, _, err := recorder.OpenKey(filepath.Join(dir, evidence.KeyFile), "u1")
	if err != nil {
		return err
	}
	r, err := recorder.New(recorder.Config{
		Log: s, Unit: "u1", Boot: s.Boot(), Signer: signer,
		Anchor: recorder.FileAnchor(filepath.Join(dir, evidence.AnchorFile)),
	})
	if err != nil {
		return err
	}
	const flight = 32
	slots := make(chan struct{}, flight)
	for i := 0; ; i++ {
		slots <- struct{}{}
		call := fmt.Sprintf("b%dc%d", s.Boot(), i)
		w := fact.Write{Facts: []fact.Fact{
			fact.CallStarted{Call: call, From: "201", To: "0312345678", At: day},
			fact.CallJudged{Call: call, Verb: "refuse", Rule: "test", At: day}, // signed at once
		}}
		r.Commit(w, func(err error) {
			if err == nil {
				fmt.Println(call)
			}
			<-slots
		})
	}
}

// TestKilledUnit kills a writing process again and again: what it said was
// done is there, and the evidence is whole.
func TestKilledUnit(t *testing.T) {
	dir := t.TempDir()
	var done []string
	for round := range 5 {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		c.Env = append(os.Environ(), childFolder+"="+dir)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			done = append(done, lines.Text())
			if n == 100+round*37 {
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := c.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		r := verify(t, dir)
		if !r.OK || r.Leaves < uint64(2*len(done)) || r.Checkpoint == 0 {
			t.Fatalf("round %d: %s; %d calls were done", round, r, len(done))
		}
	}
	s, err := store.OpenReader(t.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	calls, err := s.Calls(t.Context(), store.CallFilter{})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, c := range calls {
		there[c.Call] = true
	}
	for _, call := range done {
		if call = strings.TrimSpace(call); !there[call] {
			t.Errorf("call %s was done and is not there", call)
		}
	}
}
