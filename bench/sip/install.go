package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// packages are the peers' programs and what Debian calls them.
var packages = []struct{ program, name string }{
	{"kamailio", "kamailio"},
	{"rtpengine", "rtpengine-daemon"},
}

// installed tells which programs are there; "" always is.
func installed(program string) bool {
	if program == "" {
		return true
	}
	_, err := exec.LookPath(program)
	return err == nil
}

// missing gives the packages whose programs are not there.
func missing() (names []string) {
	for _, p := range packages {
		if !installed(p.program) {
			names = append(names, p.name)
		}
	}
	return names
}

// policyFile keeps apt from starting what it installs, where it says 101.
const policyFile = "/usr/sbin/policy-rc.d"

// install installs the peers that are missing, from Debian, and starts none of
// them.
func install(ctx context.Context) error {
	names := missing()
	if len(names) == 0 {
		return nil
	}
	fmt.Fprintln(os.Stderr, "bench: installing", strings.Join(names, " "))
	if _, err := os.Stat(policyFile); errors.Is(err, os.ErrNotExist) {
		make := "printf '#!/bin/sh\\nexit 101\\n' > " + policyFile + " && chmod 755 " + policyFile
		if err := asRoot(ctx, "sh", "-c", make); err != nil {
			return err
		}
		defer func() { _ = asRoot(context.WithoutCancel(ctx), "rm", "-f", policyFile) }()
	}
	apt := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"}
	if err := asRoot(ctx, append(apt, "update")...); err != nil {
		return err
	}
	return asRoot(ctx, append(append(apt, "install", "--no-install-recommends"), names...)...)
}

// asRoot runs a command as root, with sudo where we are not.
func asRoot(ctx context.Context, args ...string) error {
	if os.Geteuid() != 0 {
		args = append([]string{"sudo", "-n"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return nil
}
