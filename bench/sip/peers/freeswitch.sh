#!/bin/sh
# Writes a configuration into $BENCH_DIR and becomes FreeSWITCH. BENCH_MODULES is where its modules lie.
set -eu
mkdir -p "$BENCH_DIR/conf" "$BENCH_DIR/log" "$BENCH_DIR/run" "$BENCH_DIR/db"
cat >"$BENCH_DIR/conf/freeswitch.xml" <<EOF
<?xml version="1.0"?>
<document type="freeswitch/xml">
  <section name="configuration">
    <configuration name="switch.conf">
      <settings>
        <param name="max-sessions" value="20000"/>
        <param name="sessions-per-second" value="5000"/>
        <param name="rtp-start-port" value="20000"/>
        <param name="rtp-end-port" value="40000"/>
        <param name="loglevel" value="err"/>
      </settings>
    </configuration>
    <configuration name="modules.conf">
      <modules>
        <load module="mod_sofia"/>
        <load module="mod_dptools"/>
        <load module="mod_dialplan_xml"/>
      </modules>
    </configuration>
    <configuration name="sofia.conf">
      <profiles>
        <profile name="bench">
          <settings>
            <param name="sip-ip" value="$BENCH_ADDR"/>
            <param name="rtp-ip" value="$BENCH_ADDR"/>
            <param name="sip-port" value="$BENCH_PORT"/>
            <param name="auth-calls" value="false"/>
            <param name="context" value="bench"/>
            <param name="dialplan" value="XML"/>
            <param name="inbound-codec-prefs" value="PCMU"/>
            <param name="outbound-codec-prefs" value="PCMU"/>
          </settings>
        </profile>
      </profiles>
    </configuration>
  </section>
  <section name="dialplan">
    <context name="bench">
      <extension name="all">
        <condition field="destination_number" expression="^(\\d+)\$">
          <action application="bridge" data="sofia/bench/\$1@$BENCH_CALLEES:$BENCH_PORT"/>
        </condition>
      </extension>
    </context>
  </section>
</document>
EOF
exec freeswitch -nf -nonat -nosql -conf "$BENCH_DIR/conf" -log "$BENCH_DIR/log" -run "$BENCH_DIR/run" \
	-db "$BENCH_DIR/db" -mod "${BENCH_MODULES:-/usr/lib/freeswitch/mod}"
