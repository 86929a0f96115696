#!/bin/sh
# Writes a configuration into $BENCH_DIR and becomes OpenSIPS. BENCH_MODULES is where its modules lie.
set -eu
cat >"$BENCH_DIR/opensips.cfg" <<EOF
log_level=1
stderror_enabled=yes
syslog_enabled=no
udp_workers=1
auto_aliases=no
mpath="${BENCH_MODULES:-/usr/lib/x86_64-linux-gnu/opensips/modules}"
socket=udp:$BENCH_ADDR:$BENCH_PORT
loadmodule "proto_udp.so"
loadmodule "signaling.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "sipmsgops.so"
route {
	if (!mf_process_maxfwd_header(10)) {
		send_reply(483, "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (loose_route()) { t_relay(); exit; }
		if (is_method("ACK")) {
			if (t_check_trans()) t_relay();
			exit;
		}
		send_reply(404, "Not here");
		exit;
	}
	t_check_trans();
	if (is_method("INVITE")) record_route();
	\$du = "sip:$BENCH_CALLEES:$BENCH_PORT";
	t_relay();
	exit;
}
EOF
exec opensips -F -f "$BENCH_DIR/opensips.cfg" -m 2048 -M 64
