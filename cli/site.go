package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) site() *cobra.Command {
	unpair := &cobra.Command{
		Use: "unpair " + s.say("cli.site.arg.site"), Short: s.say("cli.site.unpair"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return done(s, cmd, control.SiteUnpair, control.SiteRequest{Site: args[0]}, "cli.site.unpaired", args[0])
		},
	}
	c := s.parent("site", "cli.site", s.siteCode(), s.sitePair(), s.siteList(),
		s.siteMay("outside", control.SiteOutside), s.siteMay("lamps", control.SiteLamps),
		s.siteMay("pickup", control.SitePickUp), unpair, s.siteRenew())
	c.Long = s.say("cli.site.long")
	return c
}

func (s *session) siteCode() *cobra.Command {
	return &cobra.Command{
		Use: "code", Short: s.say("cli.site.code"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asked(s, cmd, control.SiteCode, control.None{}, func(own control.SiteOwn) error {
				s.printf("cli.site.code.own", own.Code)
				if own.Listen == "" {
					s.printf("cli.site.code.deaf")
				} else {
					s.printf("cli.site.code.at", own.Listen)
				}
				return nil
			})
		},
	}
}

func (s *session) sitePair() *cobra.Command {
	var r control.SitePairRequest
	c := &cobra.Command{
		Use: "pair " + s.say("cli.site.arg.site"), Short: s.say("cli.site.pair"), Args: s.exactly(1),
		Example: "  sekisho site pair osaka --code 7K2M-… --numbers 3xx --address 192.0.2.10:5081\n" +
			"  sekisho site pair tokyo --code Q0ZD-… --numbers 2xx,500-549",
	}
	c.Flags().StringVar(&r.Code, "code", "", s.say("cli.site.flag.code"))
	c.Flags().StringSliceVar(&r.Numbers, "numbers", nil, s.say("cli.site.flag.numbers"))
	c.Flags().StringVar(&r.Address, "address", "", s.say("cli.site.flag.address"))
	c.Flags().StringVar(&r.Public, "public", "", s.say("cli.site.flag.public"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if r.Site = args[0]; r.Code == "" || len(r.Numbers) == 0 {
			return control.NewProblem(control.ExitUsage, "cli.site.incomplete", "cli.usage.do")
		}
		return done(s, cmd, control.SitePair, r, "cli.site.paired", r.Site, strings.Join(r.Numbers, ", "))
	}
	return c
}

func (s *session) siteList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.site.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.site", "cli.col.extensions", "cli.col.state", "cli.col.since", "cli.col.address",
				"cli.col.public", "cli.col.outside", "cli.col.lamps", "cli.col.pickup", "cli.col.by",
			}
			return listed(s, cmd, control.SiteList, control.None{}, heads, func(n control.Site) []string {
				state, outside := s.say("site.state.up"), s.say("site.outside.off")
				may := func(on bool) string {
					if on {
						return s.say("site.may")
					}
					return s.say("site.may.not")
				}
				if !n.Up {
					state = s.say("site.state.away")
				}
				if n.Reason != nil {
					state += " (" + n.Reason.Say(s.lang) + ")"
				}
				if n.Outside {
					outside = s.say("site.outside.on")
				}
				return []string{
					n.Site, strings.Join(n.Numbers, ", "), state, when(n.Since), dash(n.Address), dash(n.Public),
					outside, may(n.Lamps), may(n.PickUp), n.By,
				}
			})
		},
	}
}

// siteMay is the command that says whether a site may do one thing here.
func (s *session) siteMay(what string, op control.Op[control.SiteMayRequest, control.None]) *cobra.Command {
	said := text.Key("cli.site." + what)
	return &cobra.Command{
		Use:   what + " " + s.say("cli.site.arg.site") + " on|off",
		Short: s.say(said), Args: s.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] != "on" && args[1] != "off" {
				return control.NewProblem(control.ExitUsage, "cli.site.onoff", "cli.usage.do", args[1])
			}
			on := args[1] == "on"
			return done(s, cmd, op, control.SiteMayRequest{Site: args[0], On: on}, said+text.Key("."+args[1]), args[0])
		},
	}
}

func (s *session) siteRenew() *cobra.Command {
	return &cobra.Command{
		Use: "renew", Short: s.say("cli.site.renew"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asked(s, cmd, control.SiteRenew, control.None{}, func(own control.SiteOwn) error {
				s.printf("cli.site.renewed", own.Code)
				return nil
			})
		},
	}
}
