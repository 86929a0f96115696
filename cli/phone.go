package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

func (s *session) phone() *cobra.Command {
	var name string
	add := &cobra.Command{
		Use: "add " + s.say("cli.arg.ext"), Short: s.say("cli.phone.add"), Args: s.exactly(1),
		Example: "  sekisho phone add 201 --name " + s.say("cli.example.phone"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.PhoneAddRequest{Extension: args[0], Name: name}
			return asked(s, cmd, control.PhoneAdd, r, s.account)
		},
	}
	add.Flags().StringVar(&name, "name", "", s.say("cli.phone.flag.name"))
	secret := &cobra.Command{
		Use: "secret " + s.say("cli.arg.phone"), Short: s.say("cli.phone.secret"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return asked(s, cmd, control.PhoneSecret, control.PhoneRequest{Phone: args[0]}, s.account)
		},
	}
	remove := &cobra.Command{
		Use: "remove " + s.say("cli.arg.phone"), Short: s.say("cli.phone.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return done(s, cmd, control.PhoneRemove, control.PhoneRequest{Phone: args[0]}, "cli.phone.removed", args[0])
		},
	}
	disable, enable := s.phoneSwitch("disable"), s.phoneSwitch("enable")
	return s.parent("phone", "cli.phone", add, s.phoneList(), remove, secret, disable, enable)
}

// phoneSwitch is disable or enable.
func (s *session) phoneSwitch(word string) *cobra.Command {
	return &cobra.Command{
		Use: word + " " + s.say("cli.arg.phone"), Short: s.name("cli.phone", word), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.PhoneSwitchRequest{Phone: args[0], Disabled: word == "disable"}
			return asked(s, cmd, control.PhoneSwitch, r, func(p control.Phone) error {
				s.printf(text.Key("cli.phone."+word+".done"), p.Device)
				return nil
			})
		},
	}
}

func (s *session) phoneList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.phone.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.ext", "cli.col.device", "cli.col.name", "cli.col.registered", "cli.col.useragent",
			}
			return listed(s, cmd, control.PhoneList, control.None{}, heads, func(p control.Phone) []string {
				var at, ua []string
				for _, c := range p.Contacts {
					at = append(at, c.Transport+" "+c.Source)
					ua = append(ua, c.UserAgent)
				}
				where := dash(strings.Join(at, ", "))
				if p.Disabled {
					where = s.say("cli.phone.isdisabled")
				}
				return []string{p.Extension, p.Device, dash(p.Name), where, dash(strings.Join(ua, ", "))}
			})
		},
	}
}

// account shows what to type into a phone.
func (s *session) account(a control.PhoneAccount) error {
	rows := [][]string{
		{s.say("cli.account.user"), a.User},
		{s.say("cli.account.secret"), a.Secret},
		{s.say("cli.account.realm"), a.Realm},
	}
	for _, l := range a.Servers {
		server := fmt.Sprintf("%s;transport=%s (%s)", l.Addr, l.Transport, strings.Join(l.Digest, ", "))
		rows = append(rows, []string{s.say("cli.account.server"), server})
	}
	if err := writeTable(s.out, rows); err != nil {
		return err
	}
	s.printf("cli.account.once")
	return nil
}

func (s *session) group() *cobra.Command {
	var g control.Group
	var delays map[string]int
	set := &cobra.Command{
		Use:   "set " + s.say("cli.arg.number") + " " + s.say("cli.arg.exts"),
		Short: s.say("cli.group.set"), Args: s.exactly(2),
		Example: "  sekisho group set 600 201,202 --name " + s.say("cli.example.group"),
		RunE: func(cmd *cobra.Command, args []string) error {
			g.Number, g.Members, g.Delays = args[0], strings.Split(args[1], ","), delays
			return done(s, cmd, control.GroupSet, g, "cli.group.done", args[0], args[1])
		},
	}
	flags := set.Flags()
	flags.StringVar(&g.Name, "name", "", s.say("cli.group.flag.name"))
	flags.StringVar(&g.Strategy, "strategy", "", s.say("cli.group.flag.strategy"))
	flags.IntVar(&g.Seconds, "seconds", 0, s.say("cli.group.flag.seconds"))
	flags.StringToIntVar(&delays, "delay", nil, s.say("cli.group.flag.delay"))
	flags.BoolVar(&g.SkipBusy, "skip-busy", false, s.say("cli.group.flag.skip"))
	flags.StringVar(&g.Overflow, "overflow", "", s.say("cli.group.flag.overflow"))
	list := &cobra.Command{
		Use: "list", Short: s.say("cli.group.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.number", "cli.col.name", "cli.col.members",
				"cli.col.strategy", "cli.col.out", "cli.col.overflow",
			}
			return listed(s, cmd, control.GroupList, control.None{}, heads, func(g control.Group) []string {
				strategy := s.name("group", cmp.Or(g.Strategy, fact.RingAll))
				return []string{
					g.Number, dash(g.Name), strings.Join(g.Members, ", "), strategy,
					dash(strings.Join(g.Out, ", ")), dash(g.Overflow),
				}
			})
		},
	}
	remove := &cobra.Command{
		Use: "remove " + s.say("cli.arg.number"), Short: s.say("cli.group.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.GroupRequest{Number: args[0]}
			return done(s, cmd, control.GroupRemove, r, "cli.group.removed", args[0])
		},
	}
	return s.parent("group", "cli.group", set, list, remove,
		s.groupMember("login", true), s.groupMember("logout", false))
}

// groupMember logs a member in or out.
func (s *session) groupMember(word string, in bool) *cobra.Command {
	return &cobra.Command{
		Use:   word + " " + s.say("cli.arg.number") + " " + s.say("cli.arg.ext"),
		Short: s.name("cli.group", word), Args: s.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.GroupMemberRequest{Number: args[0], Extension: args[1], In: in}
			return done(s, cmd, control.GroupMember, r, text.Key("cli.group."+word+".done"), args[1], args[0])
		},
	}
}
