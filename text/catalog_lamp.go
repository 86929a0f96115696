package text

// catalogLamp is what is said of the phones' lamps.
var catalogLamp = map[Key]Sentence{
	"cli.lamps":          {JA: "電話機のランプの状態と、どの電話機が見ているか", EN: "what lamps show, and which phones watch them"},
	"cli.lamps.long":     {JA: "点いているランプと、電話機が見ているランプの一覧です。相手の番号は表示しません。", EN: "Lists the lamps that are on and those that phones watch. Numbers of other parties are not shown."},
	"cli.lamps.none":     {JA: "点いているランプも、見ている電話機もありません。", EN: "No lamp is on, and no phone watches any."},
	"cli.lamps.busy":     {JA: "主装置が答えません", EN: "the unit does not answer"},
	"cli.lamps.busy.do":  {JA: "少し待ってから、もう一度実行してください。", EN: "Wait a moment and try again."},
	"cli.col.lamp":       {JA: "ランプ", EN: "LAMP"},
	"cli.col.shows":      {JA: "表示", EN: "SHOWS"},
	"cli.col.has":        {JA: "使っている電話機", EN: "HAS IT"},
	"cli.col.watched":    {JA: "見ている電話機", EN: "WATCHED BY"},
	"cli.lamp.idle":      {JA: "消灯 (空き)", EN: "off (idle)"},
	"cli.lamp.unknown":   {JA: "消灯 (不明)", EN: "off (not known)"},
	"cli.lamp.seized":    {JA: "点灯 (発信中)", EN: "on (dialing)"},
	"cli.lamp.ringing":   {JA: "速い点滅 (着信中)", EN: "fast blink (ringing)"},
	"cli.lamp.talking":   {JA: "点灯 (通話中)", EN: "on (talking)"},
	"cli.lamp.held":      {JA: "遅い点滅 (保留中)", EN: "slow blink (held)"},
	"cli.lamp.held.self": {JA: "遅い点滅 (自己保留中)", EN: "slow blink (held by itself)"},
}
