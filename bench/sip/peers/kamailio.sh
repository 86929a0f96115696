#!/bin/sh
# Writes a configuration into $BENCH_DIR and becomes Kamailio.
set -eu
cat >"$BENCH_DIR/kamailio.cfg" <<EOF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:$BENCH_ADDR:$BENCH_PORT
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (loose_route()) forward();
		exit;
	}
	if (is_method("INVITE")) record_route();
	\$du = "sip:$BENCH_CALLEES:$BENCH_PORT";
	forward();
	exit;
}
EOF
exec kamailio -DD -E -f "$BENCH_DIR/kamailio.cfg" -Y "$BENCH_DIR" -P "$BENCH_DIR/pid" \
	-x tlsf -X tlsf -m 2048 -M 64 -b 4194304
