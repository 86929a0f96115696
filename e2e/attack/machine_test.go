//go:build e2e

package attack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
)

// nobody is a user of the machine without rights.
const nobody = 65534

// machine are attacks from the same machine, and on what is kept there.
var machine = []attack{
	{
		name:          "the control socket of somebody else",
		vulnerability: "any user of the machine administers the unit",
		scenario: "another user connects to the control socket; the directory is opened for it, so that " +
			"only the socket's own mode stands",
		verified: "permission denied",
		run: func(g *ground) {
			if os.Getuid() != 0 {
				g.Skip("only root can become another user")
			}
			socket := filepath.Join(g.data, "control.sock")
			for dir := g.data; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
				g.must(os.Chmod(dir, 0o755))
			}
			defer os.Chmod(g.data, 0o700)
			script := fmt.Sprintf("exec 2>&1; perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); "+
				"connect(S,sockaddr_un(\"%s\")) ? print \"connected\" : print \"refused: $!\"'", socket)
			for uid, want := range map[uint32]string{nobody: "refused: Permission denied", 0: "connected"} {
				cmd := exec.CommandContext(g.step(), "/bin/sh", "-c", script)
				cmd.Dir = "/"
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
				out, err := cmd.CombinedOutput()
				if err != nil || string(out) != want {
					g.Errorf("user %d: %q, %v; want %q", uid, out, err, want)
				}
			}
		},
	},
	{
		name:          "secrets in what is kept",
		vulnerability: "a backup or a log gives credentials away, or others may read the files",
		scenario:      "every file of the data directory and the log are searched for every secret of the ground",
		verified:      "none is found; all files are for their owner alone",
		run: func(g *ground) {
			look := func(where string, content []byte) {
				for _, s := range g.secrets {
					if bytes.Contains(content, []byte(s)) || bytes.Contains(content, []byte(strings.ReplaceAll(s, "-",
						""))) {
						g.Errorf("%s holds a secret", where)
					}
				}
			}
			look("the log", []byte(g.log.text()))
			for _, s := range []string{"response=", "Authorization", "nonce="} {
				if strings.Contains(g.log.text(), s) {
					g.Errorf("the log holds %q", s)
				}
			}
			g.files("", func(name string, info os.FileInfo, content []byte) {
				look(name, content)
				if info.Mode().Perm()&0o077 != 0 && !strings.HasSuffix(name, ".crt") && !strings.Contains(name,
					"cert") {
					g.Errorf("%s has mode %v", name, info.Mode())
				}
			})
		},
	},
	{
		name:          "management from the voice side",
		vulnerability: "HTTP or the control protocol is answered where phones speak",
		scenario:      "operations as HTTP to every voice listener",
		verified:      "nothing is answered as HTTP, and nothing is done",
		run: func(g *ground) {
			for _, port := range []uint16{portPhones, portTLS} {
				for _, path := range []string{"/v1/status", "/v1/phone.add", "/v1/gate.open", "/health"} {
					got, _ := g.stream(port, "POST "+path+" HTTP/1.1\r\nHost: unit\r\nContent-Length: 2\r\n\r\n{}")
					if strings.HasPrefix(got, "HTTP") {
						g.Errorf("port %d: %q", port, got)
					}
				}
			}
		},
	},
	{
		name:          "operations that ask too much",
		vulnerability: "an operation takes what it should refuse, or falls over",
		scenario: "claiming again, extensions that shadow 110, openings without end, areas of the whole " +
			"world, junk as JSON",
		verified: "problems, and the unit goes on",
		run: func(g *ground) {
			ask := func(what string, err error) {
				if err == nil {
					g.Errorf("%s was done", what)
				}
			}
			_, err := control.Call(g.step(), g.client, control.Claim, control.ClaimRequest{
				Code:  g.secrets[0],
				Owner: "thief",
			})
			ask("a second claim", err)
			for _, ext := range []string{"110", "119", "1", "0", "010", "*1", "", "20a", "2 1", strings.Repeat("2",
				99), "1101"} {
				_, err := control.Call(g.step(), g.client, control.PhoneAdd, control.PhoneAddRequest{Extension: ext})
				ask("extension "+ext, err)
			}
			for _, area := range []string{"", "*", "ZZ", "sl'--", "881"} {
				_, err := control.Call(g.step(), g.client, control.GateOpen, control.GateOpenRequest{
					Area: area, Extension: insider, Until: time.Now().Add(time.Hour), Reason: "x",
				})
				ask("opening "+area, err)
			}
			_, err = control.Call(g.step(), g.client, control.GateOpen, control.GateOpenRequest{
				Area: "SL", Extension: insider, Until: time.Now().AddDate(100, 0, 0), Reason: "x",
			})
			ask("an opening for a century", err)
			h := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn,
				error,
			) {
				return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(g.data, "control.sock"))
			}}}
			for _, junk := range []string{`{"x":1}`, "[", strings.Repeat("[", 1<<20), `{"extension":5}`, "\x00"} {
				r, err := h.Post("http://unit/v1/phone.add", "application/json", strings.NewReader(junk))
				g.must(err)
				_, _ = io.Copy(io.Discard, r.Body)
				r.Body.Close()
				if r.StatusCode == http.StatusOK {
					g.Errorf("%.20q was done", junk)
				}
			}
		},
	},
}

// TestKeys: a unit whose keys were changed or taken away does not go on as if
// nothing had happened.
func TestKeys(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	g := newGround(t, data)
	g.works()
	g.must(g.app.Stop())
	for _, c := range []struct{ file, content string }{
		{"seal.key", "short"}, {"seal.key", ""}, {evidence.KeyFile, "junk"}, {evidence.KeyFile, ""},
	} {
		path := filepath.Join(data, c.file)
		whole, err := os.ReadFile(path)
		g.must(err)
		g.must(os.WriteFile(path, []byte(c.content), 0o600))
		if a, err := app.New(t.Context(), app.Options{Config: g.settings(90), Data: data}); err == nil {
			t.Errorf("%s as %q: the unit starts", c.file, c.content)
			g.must(a.Start(t.Context()))
			_ = a.Stop()
		} else {
			t.Logf("%s as %q: %v", c.file, c.content, err)
		}
		g.must(os.WriteFile(path, whole, 0o600))
	}
}

// TestFullDisk: the disk takes nothing more. International calls are closed
// although one was opened, emergency calls go through.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("only root can mount a small file system: run ./test as root")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=6m,mode=0700"); err != nil {
		t.Fatalf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	g := newGround(t, filepath.Join(disk, "data"))
	open := control.GateOpenRequest{Area: "SL", Extension: staff, Until: time.Now().Add(time.Hour), Reason: "x"}
	_, err := control.Call(g.step(), g.client, control.GateOpen, open)
	g.must(err)
	if s := g.dial(g.staff, abroad); s != 200 {
		t.Fatalf("opened, the call abroad: %d", s)
	}
	fill, err := os.Create(filepath.Join(disk, "fill"))
	g.must(err)
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = fill.Write(make([]byte, size))
		}
	}
	// The database's own files have room left; so it goes on for some calls.
	g.until("the disk takes nothing more", func() bool { return g.dial(g.staff, domestic) == 503 })
	marks := g.marks()
	for range 3 {
		if s := g.dial(g.staff, abroad); s == 200 {
			t.Errorf("the call abroad: %d", s)
		}
		if s := g.dial(g.staff, "110"); s != 200 {
			t.Errorf("the emergency call: %d", s)
		}
		if s := g.dial(g.staff, friend); s != 200 {
			t.Errorf("the inside call: %d", s)
		}
	}
	if got := strings.Join(g.reached(marks), " "); got != "110 110 110" {
		t.Errorf("the carriers were reached by %q", got)
	}
	g.must(fill.Close())
	g.must(os.Remove(fill.Name()))
	g.until("the unit writes again", func() bool { return g.dial(g.staff, domestic) == 200 })
	g.until("what was behind is written", func() bool {
		r, err := evidence.VerifyDir(t.Context(), g.data)
		return err == nil && r.OK
	})
}
