package text

// catalogSpeed is what is said of speed dialing.
var catalogSpeed = map[Key]Sentence{
	"cli.speed":                {JA: "短縮ダイヤル (共通と内線ごと)", EN: "speed dialing: places of everybody and of each extension"},
	"cli.speed.set":            {JA: "短縮番号に電話番号を登録する", EN: "fill a place, 00 to 99"},
	"cli.speed.remove":         {JA: "短縮番号を空ける", EN: "empty a place"},
	"cli.speed.list":           {JA: "短縮番号の一覧", EN: "list the places that lead somewhere"},
	"cli.speed.flag.extension": {JA: "その内線だけの短縮番号 (省略すると共通)", EN: "of this extension alone (without: of everybody)"},
	"cli.speed.done":           {JA: "短縮番号 %s に %s を登録しました。", EN: "Place %s leads to %s."},
	"cli.speed.place":          {JA: "%q は短縮番号ではありません (00〜99 の 2 桁)", EN: "%q is no place: two digits, 00 to 99"},
	"cli.speed.nowhere":        {JA: "%s は短縮番号に登録できません", EN: "no place can lead to %s"},
	"cli.speed.nowhere.do":     {JA: "内線・グループ・外の番号を登録できます。110・118・119、特番、184・186 の付いた番号は登録できません。", EN: "It can be an extension, a group or an outside number; not 110, 118 or 119, a feature code, or a number behind 184 or 186."},
	"cli.arg.place":            {JA: "短縮番号", EN: "PLACE"},
	"cli.col.place":            {JA: "短縮番号", EN: "PLACE"},
}
