package peer

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
)

// Kamailio is the configuration of a carrier's proxy and registrar: it
// registers the customer's unit by digest, asks its INVITEs for a password,
// sends them to the carrier's switch, and the switch's calls to the
// registered contact.
type Kamailio struct {
	Listen netip.AddrPort
	User   string // the customer's account
	Secret string
	Switch netip.AddrPort // the carrier behind it
	SHA256 bool           // challenges with SHA-256 instead of MD5
	Dir    string
}

const kamailioConfig = `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:%[1]s
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("rr", "append_fromtag", 1)
modparam("auth", "nonce_expire", 300)
modparam("auth", "algorithm", "%[6]s")

request_route {
	xlog("L_NOTICE", "request $rm $ru from $si:$sp\n");
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
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
	if (is_method("OPTIONS")) {
		sl_send_reply("200", "OK");
		exit;
	}
	if (is_method("INVITE")) record_route();
	if ($si == "%[4]s" && $sp == %[5]d) {
		# The switch calls the customer: the user part is the called number,
		# so the account's contact is looked up and the number kept in To.
		$var(called) = $rU;
		$rU = "%[2]s";
		if (!lookup("location")) {
			sl_send_reply("480", "Customer not registered");
			exit;
		}
		t_relay();
		exit;
	}
	if (!pv_auth_check("$fd", "%[3]s", "0", "0")) {
		auth_challenge("$fd", "1");
		exit;
	}
	if ($au != "%[2]s") {
		sl_send_reply("403", "Unknown account");
		exit;
	}
	consume_credentials();
	if (is_method("REGISTER")) {
		save("location");
		exit;
	}
	$du = "sip:%[4]s:%[5]d";
	t_relay();
	exit;
}
`

// StartKamailio starts it and returns when its socket stands. Its log names
// each request: "request INVITE sip:… from …".
func StartKamailio(ctx context.Context, k Kamailio) (*Process, error) {
	if err := os.MkdirAll(filepath.Join(k.Dir, "run"), 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(k.Dir, "kamailio.cfg")
	algorithm := "MD5"
	if k.SHA256 {
		algorithm = "SHA-256"
	}
	text := fmt.Sprintf(kamailioConfig, k.Listen, k.User, k.Secret, k.Switch.Addr(), k.Switch.Port(), algorithm)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	run := filepath.Join(k.Dir, "run")
	p, err := Start(ctx, Program{
		Name: "kamailio", Path: "kamailio", LogDir: k.Dir,
		Args: []string{"-DD", "-E", "-f", config, "-Y", run, "-P", filepath.Join(run, "pid"), "-m", "64", "-M", "8"},
	})
	if err != nil {
		return nil, err
	}
	if err := p.AwaitBound(ctx, "udp", k.Listen); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}
