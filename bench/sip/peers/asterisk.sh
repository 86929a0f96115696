#!/bin/sh
# Writes a configuration into $BENCH_DIR and becomes Asterisk. BENCH_MODULES is where its modules lie.
set -eu
modules=${BENCH_MODULES:-/usr/lib/asterisk/modules}
mkdir -p "$BENCH_DIR/etc" "$BENCH_DIR/run" "$BENCH_DIR/var" "$BENCH_DIR/spool" "$BENCH_DIR/log"
cat >"$BENCH_DIR/etc/asterisk.conf" <<EOF
[directories]
astetcdir => $BENCH_DIR/etc
astmoddir => $modules
astvarlibdir => $BENCH_DIR/var
astdbdir => $BENCH_DIR/var
astdatadir => ${BENCH_DATA:-/usr/share/asterisk}
astspooldir => $BENCH_DIR/spool
astrundir => $BENCH_DIR/run
astlogdir => $BENCH_DIR/log
[options]
nofork = yes
EOF
cat >"$BENCH_DIR/etc/modules.conf" <<EOF
[modules]
autoload = no
load = res_timing_timerfd.so
load = res_sorcery_config.so
load = res_sorcery_memory.so
load = res_sorcery_astdb.so
load = res_pjproject.so
load = res_rtp_asterisk.so
load = res_pjsip.so
load = res_pjsip_session.so
load = res_pjsip_endpoint_identifier_ip.so
load = res_pjsip_authenticator_digest.so
load = res_pjsip_caller_id.so
load = res_pjsip_sdp_rtp.so
load = chan_pjsip.so
load = bridge_simple.so
load = bridge_native_rtp.so
load = codec_ulaw.so
load = pbx_config.so
load = app_dial.so
EOF
cat >"$BENCH_DIR/etc/pjsip.conf" <<EOF
[udp]
type = transport
protocol = udp
bind = $BENCH_ADDR:$BENCH_PORT
[callers]
type = endpoint
context = bench
disallow = all
allow = ulaw
direct_media = no
aors = callers
[callers]
type = aor
[callers]
type = identify
endpoint = callers
match = $BENCH_CALLERS
[callees]
type = endpoint
context = bench
disallow = all
allow = ulaw
direct_media = no
aors = callees
[callees]
type = aor
contact = sip:$BENCH_CALLEES:$BENCH_PORT
[callees]
type = identify
endpoint = callees
match = $BENCH_CALLEES
EOF
cat >"$BENCH_DIR/etc/extensions.conf" <<EOF
[bench]
exten => _X.,1,Dial(PJSIP/callees/sip:\${EXTEN}@$BENCH_CALLEES:$BENCH_PORT)
EOF
printf '[general]\nenable = no\n' >"$BENCH_DIR/etc/cdr.conf"
printf '[general]\nenable = no\n' >"$BENCH_DIR/etc/cel.conf"
printf '[general]\nrtpstart = 20000\nrtpend = 40000\nicesupport = no\n' >"$BENCH_DIR/etc/rtp.conf"
printf '[logfiles]\nconsole = error\n' >"$BENCH_DIR/etc/logger.conf"
exec asterisk -f -C "$BENCH_DIR/etc/asterisk.conf"
