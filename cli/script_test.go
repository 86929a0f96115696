package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/cli"
	"github.com/sekisho/sekisho/sim/ear"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sekisho": func() {
			os.Exit(cli.Main(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs testdata/script: what a person types, sees and gets as an
// exit code, in both languages.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_US.UTF-8")
			e.Setenv("SEKISHO_DATA", e.WorkDir+"/data")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"unit": startUnit, "started": started, "tone": writeTone,
		},
	})
}

// writeTone is the script command "tone": it writes a WAV with a second of a tone.
func writeTone(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(ear.WriteWAV(f, ear.Tone(8000, 440, -16, 1), 8000))
	ts.Check(f.Close())
}

// startUnit is the script command "unit": it runs a unit on the script's data
// directory until the script ends, and claims it.
func startUnit(ts *testscript.TestScript, _ bool, _ []string) {
	const settings = "[voice]\nline_addr = \"127.0.8.1:0\"\n[[voice.listen]]\nname = \"phones\"\n" +
		"transport = \"udp\"\naddr = \"127.0.8.1:0\"\ndigest = [\"SHA-256\"]\n"
	file, data := ts.MkAbs("unit.toml"), ts.Getenv("SEKISHO_DATA")
	ts.Check(os.WriteFile(file, []byte(settings), 0o600))
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		args := []string{"serve", "--config", file, "--data", data, "--lang", "en"}
		code := cli.Main(ctx, args, func(string) string { return "" }, strings.NewReader(""), w, io.Discard)
		w.CloseWithError(fmt.Errorf("serve ends with %d", code))
		ended <- code
	}()
	ts.Defer(func() {
		stop()
		if code := <-ended; code != 0 {
			ts.Fatalf("serve ends with %d", code)
		}
	})
	said := regexp.MustCompile(`claim (\S+)`)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if code := said.FindStringSubmatch(lines.Text()); code != nil {
			go func() { _, _ = io.Copy(io.Discard, r) }() // until serve has ended
			ts.Check(ts.Exec("sekisho", "claim", code[1], "--owner", "Sato"))
			return
		}
	}
	ts.Fatalf("no claim code: %v", lines.Err())
}

// started waits until the script's unit answers.
func started(ts *testscript.TestScript, _ bool, _ []string) {
	unit := app.Dial(ts.Getenv("SEKISHO_DATA"))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, err := control.Call(context.Background(), unit, control.GetStatus, control.StatusRequest{})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no unit: %v", err)
		}
	}
}
