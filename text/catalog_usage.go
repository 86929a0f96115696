package text

// catalogUsage is what the command line says of itself: placeholders, kinds of
// values, and what was typed wrongly.
var catalogUsage = map[Key]Sentence{
	"cli.arg.flags":      {JA: "[オプション]", EN: "[options]"},
	"cli.arg.code":       {JA: "コード", EN: "CODE"},
	"cli.arg.ext":        {JA: "内線", EN: "EXT"},
	"cli.arg.exts":       {JA: "内線[,内線…]", EN: "EXT[,EXT…]"},
	"cli.arg.phone":      {JA: "電話機", EN: "PHONE"},
	"cli.arg.number":     {JA: "番号", EN: "NUMBER"},
	"cli.arg.line":       {JA: "外線", EN: "LINE"},
	"cli.arg.area":       {JA: "国", EN: "AREA"},
	"cli.arg.id":         {JA: "[開放のID]", EN: "[ID]"},
	"cli.arg.apart":      {JA: "種類 [値]", EN: "KIND [VALUE]"},
	"cli.arg.quarantine": {JA: "隔離のID", EN: "ID"},
	"cli.arg.file":       {JA: "ファイル", EN: "FILE"},

	"cli.type.string":      {JA: "文字列", EN: "text"},
	"cli.type.stringSlice": {JA: "文字列,…", EN: "text,…"},
	"cli.type.stringArray": {JA: "文字列", EN: "text"},
	"cli.type.int":         {JA: "整数", EN: "number"},
	"cli.type.duration":    {JA: "時間", EN: "time"},
	"cli.help.default":     {JA: " (既定値: %s)", EN: " (default %s)"},
	"cli.help.missing":     {JA: "%s の指定が必要です", EN: "%s is needed"},

	"cli.flag.unknown":  {JA: "%s というオプションはありません", EN: "there is no option %s"},
	"cli.flag.novalue":  {JA: "オプション %s には値が必要です", EN: "option %s needs a value"},
	"cli.flag.syntax":   {JA: "オプションの書き方が違います: %s", EN: "an option can't be written like this: %s"},
	"cli.flag.value":    {JA: "オプション %[1]s の値 %[2]q を読めません", EN: "option %[1]s: can't read %[2]q"},
	"cli.flag.number":   {JA: "オプション %[1]s の値 %[2]q は整数ではありません", EN: "option %[1]s: %[2]q is not a whole number"},
	"cli.flag.duration": {JA: "オプション %[1]s の値 %[2]q は時間ではありません (例: 90m、24h)", EN: "option %[1]s: %[2]q is not a length of time (e.g. 90m, 24h)"},
	"cli.flag.bool":     {JA: "オプション %[1]s の値 %[2]q は true でも false でもありません", EN: "option %[1]s: %[2]q is neither true nor false"},

	"cli.completion":            {JA: "シェルの補完を書き出す", EN: "write shell completion"},
	"cli.completion.shell":      {JA: "%s の補完を書き出す", EN: "write completion for %s"},
	"cli.completion.flag.plain": {JA: "説明を付けない", EN: "without descriptions"},
}
