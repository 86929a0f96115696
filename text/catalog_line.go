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
		JA: "回線 %s の通信事業者は、送信元ポートを定めています。--local-port を指定せずに追加し直してください。",
		EN: "The carrier of line %s wants a certain source port. Add the line again without --local-port.",
	},
}

// catalogLineFault is why a line is down, and what is wrong with its settings.
var catalogLineFault = map[Key]Sentence{
	"line.state.up":              {JA: "使用可", EN: "up"},
	"line.state.down":            {JA: "使用不可", EN: "down"},
	"line.why.disabled":          {JA: "使用を止めています", EN: "switched off"},
	"line.why.not-registered":    {JA: "事業者への登録がまだ済んでいません", EN: "not registered yet"},
	"line.why.registrar-silent":  {JA: "事業者の登録サーバーが応答しません", EN: "registrar does not answer"},
	"line.why.registrar-refuses": {JA: "事業者が登録を断りました (%s)", EN: "registrar answers %s"},
	"line.why.carrier-silent":    {JA: "事業者が応答しません", EN: "carrier does not answer"},

	"line.why.site-away":   {JA: "その拠点とつながっていません", EN: "that site is away"},
	"line.why.adding":      {JA: "追加しているところです", EN: "being added"},
	"line.why.port-closed": {JA: "専用のポートを開けません。5秒ごとに開き直します", EN: "its own port can't be opened; it is tried every 5 s"},

	"line.fault.lines":        {JA: "外線は %s 本までです", EN: "there can be at most %s lines"},
	"line.fault.profile":      {JA: "%s という回線の種類はありません (%s)", EN: "there is no profile %s; there are %s"},
	"line.fault.name":         {JA: "名前 %s には a〜z、0〜9、- だけを使えます", EN: "its name %s is not of a–z, 0–9 and -"},
	"line.fault.transport":    {JA: "回線の種類 %s では %s を使えません", EN: "profile %s does not speak %s"},
	"line.fault.channels":     {JA: "チャネル数 %s は範囲外です (1 から %s まで)", EN: "channels is %s, outside 1 to %s"},
	"line.fault.no-registrar": {JA: "事業者のアドレスが必要です (--registrar)", EN: "it has no registrar or carrier address (--registrar)"},
	"line.fault.local-addr":   {JA: "本機のアドレス %s を読めません (--local-addr)", EN: "its local address %s is no address (--local-addr)"},
	"line.fault.local-port":   {JA: "専用のポート %s は 1 から 65535 の範囲外です (--local-port)", EN: "its local port is %s, outside 1 to 65535 (--local-port)"},
	"line.fault.forwarded":    {JA: "転送した電話の見せ方 %q はありません (caller、diversion、history-info)", EN: "calls sent on can't show %q: caller, diversion or history-info"},
	"line.fault.dscp":         {JA: "DSCP %s は 1 から 63 の範囲外です (--dscp)", EN: "its DSCP is %s, outside 1 to 63 (--dscp)"},
	"line.fault.local-udp":    {JA: "専用のポートと DSCP は UDP の外線だけに指定できます", EN: "only a line over udp has a local port and DSCP of its own"},
	"line.fault.local-none":   {JA: "専用のアドレスや DSCP には、専用のポートも必要です (--local-port)", EN: "a local address or DSCP of its own needs a local port too (--local-port)"},
	"line.fault.no-user":      {JA: "ユーザ名が必要です (--user)", EN: "it has no user name (--user)"},
	"line.fault.registrar":    {JA: "%s はアドレスとして読めません", EN: "%s is no address"},
	"line.fault.source":       {JA: "相手のアドレス %s を読めません", EN: "source %s is no address"},
	"line.fault.sources":      {JA: "相手のアドレスは %s 個までです", EN: "it has more than %s sources"},
	"line.fault.numbers":      {JA: "電話番号は %s 個までです", EN: "it has more than %s numbers"},
	"line.fault.password":     {JA: "パスワードが長すぎます (%s 文字まで)", EN: "its password is longer than %s"},
	"line.fault.ascii":        {JA: "ユーザ名とアドレスには ASCII の文字だけを使えます", EN: "its user or registrar has characters outside ASCII"},

	"line.fault.undeclared":   {JA: "外線がこの番号を扱いません", EN: "the line does not carry it"},
	"line.fault.presentation": {JA: "外線では発信者番号の通知・非通知を指定できません", EN: "the line can't be told about number presentation"},
	"line.fault.unsent":       {JA: "外線がこの番号を正しく読めません", EN: "the line would read another number"},
}
