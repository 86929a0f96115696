#!/bin/sh
# Makes the announcements of sentences.tsv, and the words of words.tsv that
# others are put together of: ja/*.ulaw and en/*.ulaw, µ-law at 8000 Hz, voiced
# at -16 dBm0 (RMS), 300 ms of silence before and after a sentence, 40 ms around
# a word. A language that has no such word has a hyphen there.
#
# Needs open_jtalk with open-jtalk-mecab-naist-jdic, flite and sox (Debian). The voice
# is that of package synthesis (see NOTICE).
set -eu
cd "$(dirname "$0")"
VOICE=../synthesis/tohoku-f01-neutral.htsvoice
DICTIONARY=${DICTIONARY:-/var/lib/mecab/dic/open-jtalk/naist-jdic}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p ja en

# A sine of full scale is +3.17 dBm0: RMS at -16 dBm0 is 0.0778 of full scale.
finish() { # in, out, silence in seconds, what counts as silence
	sox -v 0.7 "$1" -r 8000 -c 1 -b 16 "$work/narrow.wav" highpass 200 lowpass 3400 \
		silence 1 0.01 "$4" reverse silence 1 0.01 "$4" reverse
	rms=$(sox "$work/narrow.wav" -n stat 2>&1 | awk '/RMS +amplitude/ {print $3}')
	gain=$(awk "BEGIN {print 0.0778 / $rms}")
	sox "$work/narrow.wav" -e mu-law -b 8 -t raw "$2" vol "$gain" pad "$3" "$3"
}

tab=$(printf '\t')
speak() { # table, silence in seconds, what counts as silence, how long to stretch it
	while IFS=$tab read -r name ja en; do
		if [ "$ja" != - ]; then
			printf '%s\n' "$ja" | open_jtalk -x "$DICTIONARY" -m "$VOICE" -r "$(awk "BEGIN {print 1 / $4}")" -ow "$work/ja.wav"
			finish "$work/ja.wav" "ja/$name.ulaw" "$2" "$3"
		fi
		if [ "$en" != - ]; then
			flite -voice slt --setf duration_stretch="$4" -t "$en" -o "$work/en.wav"
			finish "$work/en.wav" "en/$name.ulaw" "$2" "$3"
		fi
	done <"$1"
}
speak sentences.tsv 0.3 0.5% 1
speak words.tsv 0.04 0.1% 1.4 # a word of its own is short, and ends softly
