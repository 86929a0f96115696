package text

// catalogLine is what the owner should know about a line that works. %s is
// the line's name.
var catalogLine = map[Key]Sentence{
	"line.warning.no-emergency": {
		JA: "回線 %s では緊急通報(110・118・119)ができません。緊急通報のできる回線を別に用意してください。",
		EN: "Line %s can't carry emergency calls (110, 118, 119). Keep another line that can.",
	},
	"line.warning.no-line-emergency": {
		JA: "緊急通報(110・118・119)のできる回線がありません。",
		EN: "No line can carry emergency calls (110, 118, 119).",
	},
	"line.warning.one-channel": {
		JA: "回線 %s は同時に1通話だけです。緊急通報をするときは、通話中の電話を切ります。",
		EN: "Line %s carries one call at a time. An emergency call cuts the one that is up.",
	},
	"line.warning.no-number": {
		JA: "回線 %s に電話番号が登録されていません。発信者番号を通知できず、着信も受けられません。",
		EN: "Line %s has no number: there is none to show to others, and none to be called on.",
	},
	"line.warning.source-port": {
		JA: "回線 %s の通信事業者は、送信元ポートを定めています。設定の line_addr をそのポートにしてください。",
		EN: "The carrier of line %s wants a certain source port. Set line_addr to that port.",
	},
}
