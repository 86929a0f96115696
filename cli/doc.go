// Package cli is the commands: what a person types, the tables they see, and
// exit codes. Use Main first; cmd/sekisho does nothing else. Each command is
// one file; what it says stands in text.
//
// Commands that change a unit speak to it through its control socket. The
// commands that need no running unit are serve, demo, evidence verify, config
// validate, version and man.
package cli
