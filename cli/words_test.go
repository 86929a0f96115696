package cli_test

import "regexp"

// english is what may stand in Japanese in Latin letters, each with a reason.
var english = []*regexp.Regexp{
	// interfaces, whatever this machine calls them
	regexp.MustCompile(`\S+ [0-9a-f.:]+ から`),
	// the log, which is in English for every operator
	regexp.MustCompile(`(?m)^time=\S+ level=.*$`),
	// roots of the evidence
	regexp.MustCompile(`[0-9A-Za-z+/]{43}=`),
	// openings, changes of the policy, quarantines
	regexp.MustCompile(`\b[opq]-[0-9a-f]{8}\b`),
	// secrets
	regexp.MustCompile(`\b[0-9a-z]{4}(-[0-9a-z]{4}){6}\b`),
	// profiles of lines
	regexp.MustCompile(`\b(generic|hikari)-[a-z0-9-]+`),
	// names that somebody gave
	regexp.MustCompile(`\b(Sato|Reception|main|hgw|hikari|management|phones|line-udp)\b`),
	// commands, as they are typed
	regexp.MustCompile(`sekisho(?: [a-z]+)*`),
	// modes of files
	regexp.MustCompile(`-rw[-rwx]{7}|-r[-rwx]{8}|Srw\S+`),
	// kinds of alerts
	regexp.MustCompile(`\b(barred|abroad|off-hours|sign-in|new-place|money|change|safeguard)\b|\[alerts\]`),
	// options
	regexp.MustCompile(`--?[a-z][a-z-]*`),
	// files, addresses, keys of the configuration
	regexp.MustCompile(`[\w.@/-]*[/.][\w./-]*`),
	// claim codes and units
	regexp.MustCompile(`\b[A-Z2-9]{4}(-[A-Z2-9]{4})*\b`),
	// what was typed, quoted
	regexp.MustCompile(`"[^"]*"`),
	// who did it, as the evidence has it
	regexp.MustCompile(`\b(user|uid):\w+`),
	// times
	regexp.MustCompile(`\b[0-9]+(h|m|s|ms|µs|ns)\b`),
	// SIP
	regexp.MustCompile(`;transport=|\b(udp|tcp|tls|sctp|sip)\b`),
	// names of standards and numbers
	regexp.MustCompile(`\b(SIP|UDP|DSCP|SHA|MD5|TOML|CSV|UTF|Shift_JIS|ISO|ID|ASCII|M2M|IP|[01]*XY)\b`),
	// what can be set apart, as it is typed
	regexp.MustCompile(`\b(phone|credential|extension|line|destination|site|unit|abroad|anywhere)\b`),
	// values, as they are typed
	regexp.MustCompile(`\b(ja|en|table|json|error|warn|info|debug|text|true|false|yes|no)\b`),
	// what calls sent on show, as it is typed
	regexp.MustCompile(`\b(caller|diversion|history)\b`),
	// prefixes of tariffs, as they are typed
	regexp.MustCompile(`\b(emergency|mobile|geographic)\b`),
	// countries, interfaces, versions
	regexp.MustCompile(`\b(SL|US|SG|GS|lo|eth\d+|go\d\S*|development)\b`),
	// how alerts travel
	regexp.MustCompile(`\b(Webhook|syslog|starttls|none|plain|slack|teams|lineworks)\b`),
	// databases and their settings, as they call them
	regexp.MustCompile(`\b(sqlite|postgresql|[a-z_]+ = [a-z]+)\b|\bPostgreSQL\b`),
	// other programs
	regexp.MustCompile(`\b(bash|zsh|fish|powershell|Prometheus)\b`),
	// keys, tables and days of a policy, and its file
	regexp.MustCompile(`\b(hours|opening|extension|test)\[\d+\](\.[a-z_]+)?|\bgate\.toml\b`),
	regexp.MustCompile(`\b(mon|sun|holiday|obon|year(-end)?|end|classes)\b`),
	// keys of the configuration
	regexp.MustCompile(`\b(transport|digest|user|mail|https|url|template|[a-z]+_[a-z_]+)\b`),
	// commands, in the list of a help
	regexp.MustCompile(`(?m)^  (open|shut|rules|export|preview|apply|undo|history|import|show|price)\b`),
	regexp.MustCompile(`(?m)^  (add|list|remove|secret|set|test|check|release|international|generate|unlock)\b`),
}
