#!/bin/sh
# Makes greeting.ulaw: what the practice carrier says when it answers.
# Needs open-jtalk, open-jtalk-mecab-naist-jdic, flite and sox; VOICE names the
# HTS voice (tohoku-f01-neutral.htsvoice, see NOTICE). Run by hand when the
# sentence changes: VOICE=/path/to/voice sim/carrier/greeting.sh
set -eu
out=$(dirname "$0")/greeting.ulaw
dic=/var/lib/mecab/dic/open-jtalk/naist-jdic
tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
echo 'こちらは、関所の練習用の電話会社です。このあと、お話しになった声が、そのまま返ります。' |
	open_jtalk -x "$dic" -m "$VOICE" -r 1.0 -ow "$tmp/ja.wav"
flite -voice slt -o "$tmp/en.wav" -t "This is the practice carrier. From now on you will hear yourself."
for l in ja en; do
	sox "$tmp/$l.wav" -r 8000 -c 1 -b 16 "$tmp/$l.8k.wav" silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse \
		gain -n -6 pad 0.3 0.3
done
sox "$tmp/ja.8k.wav" "$tmp/en.8k.wav" -t raw -e mu-law -c 1 -r 8000 "$out"
