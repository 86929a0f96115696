package text

// catalogCallerID is what is said of the number that outside calls show.
var catalogCallerID = map[Key]Sentence{
	"cli.caller-id":          {JA: "発信者番号の通知・非通知 (内線ごと、または会社全体)", EN: "whether outside calls show the caller's number, by extension or for the office"},
	"cli.caller-id.withhold": {JA: "非通知にする (184 と同じ)", EN: "withhold the number, as 184 does"},
	"cli.caller-id.show":     {JA: "通知する (186 と同じ)", EN: "show the number, as 186 does"},
	"cli.caller-id.contract": {JA: "外線の契約どおりにする", EN: "leave it to the line's contract"},
	"cli.caller-id.clear":    {JA: "設定を消す (内線は会社全体の設定に従う)", EN: "have nothing of its own: an extension does as the office"},
	"cli.caller-id.done":     {JA: "%s の発信者番号: %s", EN: "Caller's number of %s: %s"},
	"cli.caller-id.long": {
		JA: "内線の設定は、会社全体 (office) の設定より優先します。番号の前に 184 か 186 を付けてダイヤルすると、その通話だけはそちらになります。110・118・119 には、184 を付けない限り、設定にかかわらずいつも番号を通知します。転送した通話は、転送した内線の設定に従います。",
		EN: "What an extension has goes before what the office has, and 184 or 186 dialed in front before both, for that call. 110, 118 and 119 are always shown the number, unless 184 is dialed in front. A call that is sent on goes by the extension that sends it on.",
	},
	"service.caller-id": {JA: "発信者番号", EN: "caller's number"},
}
