package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho/sekisho/cli"
)

// TestManPagesAreCurrent compares docs/man with what the commands say now.
// Write them anew with: go run ./cmd/sekisho man --lang en && … --lang ja
// --dir docs/man/ja.
func TestManPagesAreCurrent(t *testing.T) {
	for lang, folder := range map[string]string{"en": "../docs/man", "ja": "../docs/man/ja"} {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		code := cli.Main(t.Context(), []string{"man", "--dir", dir, "--lang", lang}, func(string) string { return "" },
			&bytes.Buffer{}, &out, &errs)
		if code != 0 {
			t.Fatalf("man: %d %s", code, errs.String())
		}
		pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
		if err != nil || len(pages) < 10 {
			t.Fatalf("%s: only %d pages: %v", lang, len(pages), err)
		}
		for _, p := range pages {
			now, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			kept, err := os.ReadFile(filepath.Join(folder, filepath.Base(p)))
			if err != nil || !bytes.Equal(now, kept) {
				t.Errorf("%s/%s is not what the command says now; run: go run ./cmd/sekisho man --lang %s --dir %s",
					folder, filepath.Base(p), lang, folder[3:])
			}
		}
		kept, err := filepath.Glob(filepath.Join(folder, "*.1"))
		if err != nil || len(kept) != len(pages) {
			t.Errorf("%s has %d pages, the commands have %d: %v", folder, len(kept), len(pages), err)
		}
	}
}
