package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// speak makes cobra's own words come from text, for every command.
func (s *session) speak(root *cobra.Command) {
	r := strings.NewReplacer(
		"{USAGE}", s.say("cli.help.usage"), "{COMMANDS}", s.say("cli.help.commands"),
		"{FLAGS}", s.say("cli.help.flags"), "{GLOBAL}", s.say("cli.help.global"),
		"{EXAMPLES}", s.say("cli.help.examples"), "{MORE}", s.say("cli.help.more"),
	)
	root.SetUsageTemplate(r.Replace(usageTemplate))
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, RunE: func(c *cobra.Command, args []string) error {
		target, _, err := root.Find(args)
		if err != nil {
			return s.unknownCommand(root, args)
		}
		return target.Help()
	}})
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		if f := c.Flags().Lookup("help"); f != nil {
			f.Usage = s.say("cli.flag.help")
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
}

const usageTemplate = `{USAGE}{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} …{{end}}{{if .HasExample}}

{EXAMPLES}
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

{COMMANDS}{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

{FLAGS}
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

{GLOBAL}
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

{MORE}{{end}}
`
