//go:build e2e

package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/peer"
)

// tutorial is the page whose commands are executed.
const tutorial = "../docs/tutorial/first-call.md"

// Limits of the tutorial's test.
const (
	tutorialTime   = 3 * time.Minute // it builds the program from nothing but the cache
	tutorialBlocks = 8               // fewer marked blocks than that: the marks were lost
)

// block is one shell block of a page.
type block struct {
	mark string // "run", "serve", "" for one that only shows
	text string
	line int
}

var shellBlock = regexp.MustCompile("(?m)(?:^<!-- sekisho:([a-z]+) -->\n)?^```sh\n((?s:.*?))^```$")

// blocks lists the shell blocks of a page, in order.
func blocks(page string) []block {
	var out []block
	for _, m := range shellBlock.FindAllStringSubmatchIndex(page, -1) {
		b := block{text: page[m[4]:m[5]], line: 1 + strings.Count(page[:m[4]], "\n")}
		if m[2] >= 0 {
			b.mark = page[m[2]:m[3]]
		}
		out = append(out, b)
	}
	return out
}

// reader is a person who follows a page in a folder that holds the sources.
type reader struct {
	*world

	dir       string
	namespace string
	env       []string
}

// TestTutorial follows docs/tutorial/first-call.md: every marked block, in
// order, in a folder of its own and in a network of its own, where the default
// ports are free. Each must succeed.
func TestTutorial(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		skipWithoutRoot(t, "the tutorial runs in a network namespace, so that the default ports are free")
	}
	page, err := os.ReadFile(tutorial)
	if err != nil {
		t.Fatal(err)
	}
	list := blocks(string(page))
	marked := 0
	for _, b := range list {
		if b.mark != "" {
			marked++
		}
	}
	if marked < tutorialBlocks {
		t.Fatalf("%d marked blocks on the page, want at least %d", marked, tutorialBlocks)
	}
	w := newWorldFor(t, tutorialTime)
	r := &reader{world: w, dir: t.TempDir(), namespace: w.emptyNamespace()}
	r.env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "GOFLAGS=-trimpath")
	r.sources()
	for _, b := range list {
		switch b.mark {
		case "run":
			r.run(b)
		case "serve":
			r.serve(b)
		case "":
		default:
			t.Errorf("line %d: nobody knows the mark %q", b.line, b.mark)
		}
	}
}

// skipWithoutRoot skips on a machine of a person who is not root; under ./test
// that is a failure.
func skipWithoutRoot(t *testing.T, why string) {
	t.Helper()
	artifacts := flag.Lookup("test.artifacts") // ./test runs with it, and nothing may be left out there
	if artifacts != nil && artifacts.Value.String() == "true" {
		t.Fatalf("%s, which needs root", why)
	}
	t.Skipf("%s, which needs root: run ./test as root", why)
}

// emptyNamespace makes a network namespace with loopback alone.
func (w *world) emptyNamespace() string {
	w.Helper()
	name := fmt.Sprintf("sktut%d", os.Getpid())
	for _, args := range [][]string{{"netns", "add", name}, {"-n", name, "link", "set", "lo", "up"}} {
		if out, err := exec.CommandContext(w.ctx, "ip", args...).CombinedOutput(); err != nil {
			w.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
		if args[0] == "netns" {
			w.Cleanup(func() {
				if out, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
					w.Errorf("the namespace %s stays: %v: %s", name, err, out)
				}
			})
		}
	}
	return name
}

// sources puts the sources into the reader's folder, as a clone would.
func (r *reader) sources() {
	r.Helper()
	list, err := os.ReadDir("..")
	r.must(err)
	args := []string{"-r"}
	for _, e := range list {
		if e.Name() != ".git" {
			args = append(args, filepath.Join("..", e.Name()))
		}
	}
	if out, err := exec.CommandContext(r.ctx, "cp", append(args, r.dir)...).CombinedOutput(); err != nil {
		r.Fatalf("copying the sources: %v: %s", err, out)
	}
}

// run executes a block as a person's shell would; it stops at the first
// command that fails.
func (r *reader) run(b block) {
	r.Helper()
	cmd := exec.CommandContext(r.ctx, "ip", "netns", "exec", r.namespace, "bash", "-euo", "pipefail", "-c", b.text)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.Fatalf("%s:%d: %v\n%s\nprinted\n%s", tutorial, b.line, err, b.text, out)
	}
	r.Logf("line %d: %s%s", b.line, b.text, out)
}

// serve starts a block that stays, and reads the claim code as a person would.
func (r *reader) serve(b block) {
	r.Helper()
	p, err := peer.Start(r.ctx, peer.Program{
		Name: "serve", Path: "bash", Args: []string{"-c", "exec " + b.text}, Dir: r.dir, Env: r.env,
		LogDir: r.world.dir, Namespace: r.namespace,
	})
	r.must(err)
	r.Cleanup(p.Stop)
	ctx, cancel := context.WithTimeout(r.ctx, readyTime)
	defer cancel()
	m, err := p.Expect(ctx, `sekisho claim (\S+)`)
	r.must(err)
	_, err = p.Expect(ctx, `^Ready\.`)
	r.must(err)
	r.env = append(r.env, "CODE="+m[1])
}

// TestTutorialBlocksAreFound: a mark belongs to the block right below it.
func TestTutorialBlocksAreFound(t *testing.T) {
	page := "text\n\n<!-- sekisho:run -->\n```sh\na\nb\n```\n\n```sh\nonly shown\n```\n" +
		"<!-- sekisho:serve -->\n```sh\nc\n```\n<!-- sekisho:run -->\n\n```sh\nmark lost\n```\n"
	want := []block{{"run", "a\nb\n", 5}, {"", "only shown\n", 10}, {"serve", "c\n", 14}, {"", "mark lost\n", 19}}
	if got := blocks(page); !slices.Equal(got, want) {
		t.Errorf("blocks are\n%+v, want\n%+v", got, want)
	}
}
