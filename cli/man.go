package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeMan writes one mdoc page a command into dir. The pages are committed
// and a test compares them.
func (s *session) writeMan(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("man pages: %w", err)
	}
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s.manPage(c)), 0o644); err != nil {
			return fmt.Errorf("man pages: %w", err)
		}
	}
	return nil
}

// manPage renders a command and its children (mdoc(7)).
func (s *session) manPage(c *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".Dd $Mdocdate$\n.Dt %s 1\n.Os Sekisho\n.Sh NAME\n.Nm %s\n.Nd %s\n",
		strings.ToUpper(name), name, escape(c.Short))
	fmt.Fprintf(&b, ".Sh SYNOPSIS\n.Li %s\n", escape(s.use(c)))
	b.WriteString(".Sh DESCRIPTION\n")
	long := c.Long
	if long == "" {
		long = c.Short
	}
	fmt.Fprintf(&b, "%s\n", escape(long))
	if children := visible(c); len(children) > 0 {
		b.WriteString(".Bl -tag -width Ds\n")
		for _, child := range children {
			use := strings.TrimPrefix(child.UseLine(), "sekisho ")
			fmt.Fprintf(&b, ".It %s\n%s\n", escape(use), escape(child.Short))
			s.manFlags(&b, child)
		}
		b.WriteString(".El\n")
	}
	var flags strings.Builder
	if s.manFlags(&flags, c); flags.Len() > 0 {
		b.WriteString(".Sh OPTIONS\n" + flags.String())
	}
	if c.Example != "" {
		fmt.Fprintf(&b, ".Sh EXAMPLES\n.Bd -literal\n%s\n.Ed\n", escape(c.Example))
	}
	fmt.Fprintf(&b, ".Sh EXIT STATUS\n%s\n", escape(s.say("cli.man.exit")))
	return b.String()
}

func visible(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, child := range c.Commands() {
		if child.IsAvailableCommand() {
			out = append(out, child)
		}
	}
	return out
}

func (s *session) manFlags(b *strings.Builder, c *cobra.Command) {
	var rows []string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		def := ""
		if f.Name != "data" { // it is the home directory of whoever makes the page
			def = s.standard(f)
		}
		rows = append(rows, fmt.Sprintf(".It Fl -%s\n%s%s\n", f.Name, escape(f.Usage), escape(def)))
	})
	if len(rows) > 0 {
		b.WriteString(".Bl -tag -width Ds\n" + strings.Join(rows, "") + ".El\n")
	}
}

// escape keeps roff from reading text as requests.
func escape(v string) string {
	lines := strings.Split(strings.ReplaceAll(v, `\`, `\e`), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
