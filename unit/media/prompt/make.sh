#!/bin/sh
# Makes the announcements of sentences.tsv: ja/*.ulaw and en/*.ulaw, µ-law at
# 8000 Hz, voiced at -16 dBm0 (RMS), 300 ms of silence before and after.
#
# Needs open_jtalk with open-jtalk-mecab-naist-jdic, flite and sox (Debian),
# and the HTS voice tohoku-f01-neutral (see NOTICE):
#
#	VOICE=tohoku-f01-neutral.htsvoice sh make.sh
set -eu
cd "$(dirname "$0")"
: "${VOICE:?path of tohoku-f01-neutral.htsvoice}"
DICTIONARY=${DICTIONARY:-/var/lib/mecab/dic/open-jtalk/naist-jdic}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p ja en

# A sine of full scale is +3.17 dBm0: RMS at -16 dBm0 is 0.0778 of full scale.
finish() { # in, out
	sox "$1" -r 8000 -c 1 -b 16 "$work/narrow.wav" highpass 200 lowpass 3400 \
		silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse
	rms=$(sox "$work/narrow.wav" -n stat 2>&1 | awk '/RMS +amplitude/ {print $3}')
	gain=$(awk "BEGIN {print 0.0778 / $rms}")
	sox "$work/narrow.wav" -e mu-law -b 8 -t raw "$2" vol "$gain" pad 0.3 0.3
}

tab=$(printf '\t')
while IFS=$tab read -r name ja en; do
	printf '%s\n' "$ja" | open_jtalk -x "$DICTIONARY" -m "$VOICE" -ow "$work/ja.wav"
	finish "$work/ja.wav" "ja/$name.ulaw"
	flite -voice slt -t "$en" -o "$work/en.wav"
	finish "$work/en.wav" "en/$name.ulaw"
done <sentences.tsv
