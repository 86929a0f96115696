package text

// catalogMenu is what is said of spoken menus.
var catalogMenu = map[Key]Sentence{
	"cli.menu": {JA: "自動応答のメニュー (「営業は1、サポートは2を…」)", EN: "spoken menus: for sales press 1 …"},
	"cli.menu.long": {
		JA: "メニューは内線と同じように番号を持ち、着信させると録音した案内を流して、押されたキーの内線・グループ・別のメニューにつなぎます。\n" +
			"内線番号をそのまま押してもつながります。何も選ばれなければもう一度案内し、それでも選ばれなければ --otherwise の先につなぎます。\n" +
			"つながるのは社内の番号だけで、何を押しても外線には発信しません。",
		EN: "A menu has a number like an extension's. It says what you recorded and puts the caller through by the key that is\n" +
			"pressed: to an extension, a group or another menu; or to an extension that is typed. Where nothing is chosen it\n" +
			"asks again, and in the end rings --otherwise. It leads to numbers of the office only: no key reaches a line.",
	},
	"cli.menu.list":           {JA: "メニューの一覧", EN: "list the menus"},
	"cli.menu.set":            {JA: "メニューを決める", EN: "set a menu"},
	"cli.menu.remove":         {JA: "メニューをなくす", EN: "take a menu away"},
	"cli.menu.flag.otherwise": {JA: "何も選ばれないときの内線・グループ。省略すると電話を切る", EN: "who rings where nothing is chosen; the caller is hung up on when left out"},
	"cli.menu.arg.menu":       {JA: "番号", EN: "NUMBER"},
	"cli.menu.arg.choice":     {JA: "キー=先", EN: "KEY=TO"},
	"cli.menu.done":           {JA: "メニュー %s を決めました (選択肢 %d)。", EN: "Menu %s is set, with %d choices."},
	"cli.menu.gone":           {JA: "メニュー %s をなくしました。", EN: "Menu %s is no more."},
	"cli.menu.none":           {JA: "メニュー %s はありません", EN: "there is no menu %s"},
	"cli.menu.none.do":        {JA: "sekisho menu list で確認できます。", EN: "sekisho menu list shows them."},
	"cli.menu.choice":         {JA: "選択肢 %q を読めません (例: 1=201)", EN: "can't read the choice %q (e.g. 1=201)"},
	"cli.menu.silent":         {JA: "メニューの案内がないか、%s 秒より長いです", EN: "the menu says nothing, or for more than %s seconds"},
	"cli.menu.silent.do":      {JA: "--wav に録音 (16 または 24 ビットの WAV) を、または --say に読み上げる文を指定してください。", EN: "Give a WAV of 16 or 24 bits with --wav, or a text to be spoken with --say."},
	"cli.col.menu":            {JA: "メニュー", EN: "MENU"},
	"cli.col.choices":         {JA: "選択肢", EN: "CHOICES"},
	"cli.col.otherwise":       {JA: "選ばれないとき", EN: "OTHERWISE"},
}
