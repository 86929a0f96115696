package text

// catalogWake is what is said of wake-up calls.
var catalogWake = map[Key]Sentence{
	"cli.wake":            {JA: "モーニングコール (決めた時刻に内線を呼び出す)", EN: "wake-up calls: the unit calls an extension at a time of day"},
	"cli.wake.set":        {JA: "時刻を決める", EN: "have an extension be called once, or each day"},
	"cli.wake.off":        {JA: "やめる", EN: "have it be called no more"},
	"cli.wake.list":       {JA: "一覧", EN: "list who is called when"},
	"cli.wake.flag.daily": {JA: "毎日", EN: "every day"},
	"cli.wake.done":       {JA: "内線 %s を %s に呼び出します。", EN: "Extension %s is called at %s."},
	"cli.wake.clock":      {JA: "時刻 %q を読めません (例: 06:30)", EN: "can't read the time of day %q (e.g. 06:30)"},
	"cli.wake.once":       {JA: "一回", EN: "once"},
	"cli.wake.daily":      {JA: "毎日", EN: "daily"},
	"cli.arg.clock":       {JA: "時刻", EN: "TIME"},
	"cli.col.clock":       {JA: "時刻", EN: "TIME"},
	"cli.col.often":       {JA: "回数", EN: "HOW OFTEN"},
	"cli.col.next":        {JA: "次", EN: "NEXT"},
}
