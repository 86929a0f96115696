package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// kamailio is Kamailio 5.6 with one worker and the quick allocator, as a
// stateful proxy or as a registrar in memory. /work of its script is the least
// that a proxy on the Internet does.
type kamailio struct {
	bed       *bed
	registrar bool
	phones    int // callers, and as many callees; 0 = phonesEach
	proc      *process
	site      *load.Site
}

var _ subject = (*kamailio)(nil)

const kamailioHead = `#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:%[1]s:15060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "sanity.so"
loadmodule "textops.so"
loadmodule "siputils.so"
`

const kamailioProxy = kamailioHead + `
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (!sanity_check("17895", "7")) exit;
	if (is_method("CANCEL")) {
		if (t_check_trans()) t_relay();
		exit;
	}
	if (has_totag()) {
		if (loose_route()) { t_relay(); exit; }
		if (is_method("ACK")) {
			if (t_check_trans()) t_relay();
			exit;
		}
		sl_send_reply("404", "Not here");
		exit;
	}
	t_check_trans();
	if (is_method("INVITE")) record_route();
	$du = "sip:%[2]s:15060";
	t_relay();
	exit;
}
`

const kamailioRegistrar = kamailioHead + `
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("auth", "nonce_expire", 300)
modparam("auth", "algorithm", "SHA-256")

request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (!sanity_check("17895", "7")) exit;
	if (!is_method("REGISTER")) {
		sl_send_reply("405", "Method Not Allowed");
		exit;
	}
	if (!pv_www_authenticate("$td", "%[2]s", "0")) {
		www_challenge("$td", "1");
		exit;
	}
	save("location");
	exit;
}
`

func (k *kamailio) name() string {
	if k.registrar {
		return registrarName
	}
	return proxyName
}

func (k *kamailio) pid() int { return k.proc.pid() }

// start starts it with a configuration of its own.
func (k *kamailio) start(context.Context) error {
	dir, err := os.MkdirTemp(k.bed.dir, "kamailio-")
	if err != nil {
		return err
	}
	const secret = "a-secret-of-the-benchmark"
	script := fmt.Sprintf(kamailioProxy, k.bed.kamailio(), k.bed.callees())
	if k.registrar {
		script = fmt.Sprintf(kamailioRegistrar, k.bed.kamailio(), secret)
	}
	config := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(config, []byte(script), 0o600); err != nil {
		return err
	}
	k.proc, err = startProcess(k.bed.nice, filepath.Join(dir, "log"), "kamailio", "-DD", "-E", "-f", config,
		"-Y", dir, "-P", filepath.Join(dir, "pid"),
		"-x", "tlsf", "-X", "tlsf", "-m", "2048", "-M", "64", "-b", "4194304")
	if err != nil {
		return err
	}
	n := k.phones
	if n == 0 {
		n = phonesEach
	}
	at := netip.AddrPortFrom(k.bed.kamailio(), portSIP)
	k.site = &load.Site{
		Server: at, Domain: k.bed.kamailio().String(),
		Callers: accounts(phoneFirst, n, secret), Callees: accounts(phoneFirst+n, n, secret),
	}
	return k.proc.await(k.name(), func() bool { return bound(at) })
}

func (k *kamailio) ready() (*load.Site, error) { return k.site, nil }

func (k *kamailio) stop(context.Context) (verdicts, error) {
	k.bed.load.Leave(k.site)
	if err := k.proc.stop(k.bed.load.Idle); err != nil {
		return verdicts{}, fmt.Errorf("%s: %w", k.name(), err)
	}
	return verdicts{}, nil
}
