package text

// catalogKey is what is said of outside-line keys.
var catalogKey = map[Key]Sentence{
	"cli.key": {JA: "外線キー (ランプつきの外線ボタン)", EN: "outside-line keys, with their lamps"},
	"cli.key.long": {
		JA: "外線キーは、外線の1チャネルを全員のランプに表すキーです。電話機の BLF キーの値を key1、key2 などにすると使えます。\n" +
			"空いているキーを押すと発信音が聞こえ、ダイヤルするとその外線で発信します (関所がほかの発信と同じように調べます)。\n" +
			"着信中のキーを押すと応答し、通話中に押すと保留、保留中のキーはどの電話機からも取れます。",
		EN: "An outside-line key is a channel of a line that everybody sees. Phones use it with a BLF key whose value is key1,\n" +
			"key2 and so on. A free one gives dial tone, and what is dialed goes out on that line, judged by the gate like any\n" +
			"other call. One that rings is answered, one's own call is put on hold, and a call on hold is taken at any phone.",
	},
	"cli.key.list":         {JA: "外線キーの一覧と、今の表示", EN: "list the keys and what they show"},
	"cli.key.set":          {JA: "外線キーを決める", EN: "set a key"},
	"cli.key.remove":       {JA: "外線キーをなくす", EN: "take a key away"},
	"cli.key.flag.line":    {JA: "どの外線のキーか", EN: "the line whose key it is"},
	"cli.key.flag.numbers": {JA: "この番号への着信だけを表すとき、その番号 (カンマ区切り)", EN: "the numbers whose calls it takes, with commas; all of the line's when left out"},
	"cli.key.flag.label":   {JA: "キーの名前 (一覧に出るだけです)", EN: "what people call it, for the list"},
	"cli.key.arg.key":      {JA: "キー", EN: "KEY"},
	"cli.example.keylabel": {JA: "代表", EN: "Main"},
	"cli.key.done":         {JA: "%s は外線 %s のキーです。", EN: "%s is a key of line %s."},
	"cli.key.gone":         {JA: "%s をなくしました。", EN: "%s is no more."},
	"cli.key.bad":          {JA: "%q は外線キーの名前ではありません (key1 から key%s まで)", EN: "%q is no name of a key (key1 to key%s)"},
	"cli.key.label":        {JA: "キーの名前は %s バイトまでで、制御文字は使えません", EN: "a label has at most %s bytes and no control characters"},
	"cli.key.none":         {JA: "外線キー %s はありません", EN: "there is no key %s"},
	"cli.key.none.do":      {JA: "sekisho key list で確認できます。", EN: "sekisho key list shows them."},
	"cli.key.noline":       {JA: "外線 %s はありません", EN: "there is no line %s"},
	"cli.key.lineless":     {JA: "どの外線のキーかを --line で指定してください", EN: "say with --line whose key it is"},
	"cli.key.noline.do":    {JA: "sekisho line list で外線を確認できます。", EN: "sekisho line list shows the lines."},
	"cli.col.key":          {JA: "キー", EN: "KEY"},
	"cli.col.takes":        {JA: "着信する番号", EN: "TAKES"},
	"cli.col.label":        {JA: "名前", EN: "LABEL"},
}
