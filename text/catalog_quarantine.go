package text

// catalogQuarantine is what is set apart, and the commands that cut and stop.
var catalogQuarantine = map[Key]Sentence{
	"quarantine.kind.phone":           {JA: "電話機", EN: "phone"},
	"quarantine.kind.credential":      {JA: "認証情報", EN: "credential"},
	"quarantine.kind.extension":       {JA: "内線", EN: "extension"},
	"quarantine.kind.line":            {JA: "外線", EN: "line"},
	"quarantine.kind.site":            {JA: "拠点", EN: "site"},
	"quarantine.kind.destination":     {JA: "宛先", EN: "destination"},
	"quarantine.kind.unit":            {JA: "主装置全体", EN: "the whole unit"},
	"quarantine.destination.abroad":   {JA: "国際電話すべて", EN: "all international calls"},
	"quarantine.destination.anywhere": {JA: "外線発信すべて", EN: "all outgoing calls"},
	"quarantine.what":                 {JA: "%s %s", EN: "%s %s"},
	"quarantine.doubt": {
		JA: "データベースが最後の署名の時より古いか、変えられています。その間に隔離したものが失われたおそれがあります",
		EN: "the database is older than when it was last signed, or changed: what was set apart since may be lost",
	},
	"quarantine.tempo": {
		JA: "不正利用と見られる発信があったため、関所が自動で隔離しました。理由は sekisho gate signs で分かります",
		EN: "the gate did it by itself: calls of it are no employee's; sekisho gate signs shows why",
	},

	"cli.stop":               {JA: "不正利用の疑いがあるとき、すぐに止める", EN: "stop at once what looks like fraud"},
	"cli.stop.international": {JA: "国際電話をすべて切り、以後の国際発信も止める (内線・国内・緊急通報は続く)", EN: "cut all international calls and bar new ones (internal, domestic and emergency calls go on)"},
	"cli.stop.flag.release":  {JA: "止めた国際電話を元に戻す", EN: "end the stop"},
	"cli.example.fraud":      {JA: "電話会社から不正利用の連絡", EN: "'carrier called about fraud'"},

	"cli.quarantine":            {JA: "電話機・認証情報・内線・外線・宛先の隔離", EN: "set apart phones, credentials, extensions, lines and destinations"},
	"cli.quarantine.add":        {JA: "隔離する: 今の外線通話を切り、以後の外線の発着信を止める (内線と緊急通報は続く)。種類は phone, credential, extension, line, destination, unit", EN: "set apart: cut its outside calls and bar new ones (internal and emergency calls go on); KIND is phone, credential, extension, line, destination or unit"},
	"cli.quarantine.flag.until": {JA: "期限 (例: 8h、2026-12-01)。省略すると、解除するまで", EN: "until when (e.g. 8h, 2026-12-01); until it is released when left out"},
	"cli.quarantine.list":       {JA: "隔離しているものの一覧", EN: "list what is set apart"},
	"cli.quarantine.release":    {JA: "隔離を解除する", EN: "release what is set apart"},
	"cli.quarantine.added":      {JA: "隔離しました: %s (%s)", EN: "Set apart: %s (%s)."},
	"cli.quarantine.released":   {JA: "隔離を解除しました: %s (%s)", EN: "Released: %s (%s)."},
	"cli.quarantine.open":       {JA: "解除するまで", EN: "until released"},
	"cli.quarantine.none":       {JA: "当てはまる隔離はありません", EN: "nothing like that is set apart"},
	"cli.quarantine.none.do":    {JA: "sekisho quarantine list で確認できます。", EN: "sekisho quarantine list shows what is."},
	"cli.quarantine.noreason":   {JA: "理由が空です", EN: "the reason is empty"},
	"cli.quarantine.noreason.do": {
		JA: "--reason に、後で読む人に分かる理由を書いてください。証跡に残ります。",
		EN: "Say with --reason why, for those who read the evidence later.",
	},
	"cli.quarantine.longreason":     {JA: "理由は %s バイトまでです", EN: "a reason has at most %s bytes"},
	"cli.quarantine.toomany":        {JA: "隔離は %s 件までです", EN: "at most %s things can be set apart"},
	"cli.quarantine.toomany.do":     {JA: "要らなくなったものを sekisho quarantine release で解除してください。", EN: "Release what is no longer needed with sekisho quarantine release."},
	"cli.quarantine.kind":           {JA: "%s という種類は隔離できません", EN: "there is no kind %s to set apart"},
	"cli.quarantine.kind.do":        {JA: "phone, credential, extension, line, site, destination, unit のどれかを指定してください。", EN: "Give phone, credential, extension, line, site, destination or unit."},
	"cli.quarantine.value":          {JA: "%s の指定 %q が正しくありません", EN: "%s: %q can't be set apart"},
	"cli.quarantine.destination":    {JA: "宛先 %q を読めません", EN: "destination %q is not understood"},
	"cli.quarantine.destination.do": {JA: "abroad (国際電話すべて)、anywhere (外線発信すべて)、国 (例: SL)、+ と番号の始まり (例: +23276、+81570) のどれかで指定してください。", EN: "Give abroad, anywhere, a country (e.g. SL), or + and the beginning of a number (e.g. +23276, +81570)."},
	"cli.quarantine.unkept": {
		JA: "止めましたが、ディスクに書けません (%s)",
		EN: "it is in force, but the disk did not take it: %s",
	},
	"cli.quarantine.unkept.do": {
		JA: "書けるようになるまで、主装置を再起動しないでください。再起動すると元に戻ります。書き込みは自動で繰り返します。",
		EN: "Do not restart the unit until it can be written, or it is forgotten; writing is tried again by itself.",
	},

	"cli.calls.cut":          {JA: "今の外線通話を切る (発着信は止めない。内線と緊急通報は続く)", EN: "cut outside calls that are up, and bar nothing (internal and emergency calls go on)"},
	"cli.calls.cut.flag":     {JA: "この%sの外線通話", EN: "outside calls of this %s"},
	"cli.calls.cut.flag.all": {JA: "すべての外線通話", EN: "all outside calls"},
	"cli.calls.cut.one":      {JA: "%s のうち一つを指定してください", EN: "give one of %s"},
	"cli.calls.cut.done":     {JA: "外線通話を %d 件切りました。", EN: "Outside calls cut: %d."},
}
