package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestExamplesOfPeers: every example can be read, and its script is one.
func TestExamplesOfPeers(t *testing.T) {
	files, _ := filepath.Glob("peers/*.toml")
	if len(files) != 4 {
		t.Errorf("%d examples", len(files))
	}
	for _, path := range files {
		def, err := readPeer(path)
		if err != nil {
			t.Error(err)
			continue
		}
		script := filepath.Join(def.folder, def.Start[len(def.Start)-1])
		if out, err := exec.Command("sh", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
	}
}

func TestPeerFilesAreChecked(t *testing.T) {
	for _, text := range []string{
		``,
		`name = "x"` + "\n" + `rows = ["calls"]`,
		`name = "sekisho"` + "\n" + `rows = ["calls"]` + "\n" + `start = ["x"]`,
		`name = "x"` + "\n" + `rows = ["nothing"]` + "\n" + `start = ["x"]`,
		`name = "x"` + "\n" + `rows = ["calls"]` + "\n" + `start = ["x"]` + "\n" + `regster = true`,
		`name = `,
	} {
		path := filepath.Join(t.TempDir(), "peer.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPeer(path); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
	if _, err := readPeer(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was taken")
	}
}
