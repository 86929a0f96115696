package text

// catalogSite is what is said of other sites.
var catalogSite = map[Key]Sentence{
	"cli.site": {JA: "他拠点との内線 (拠点間内線)", EN: "extensions of other sites"},
	"cli.site.long": {
		JA: "他拠点の Sekisho と内線でつなぎます。相手の内線番号をそのままダイヤルすれば相手の電話機が鳴ります。\n" +
			"両方の主装置で sekisho site code を実行し、表示されたコードを相手側の sekisho site pair に入力してください。\n" +
			"コードを入力した相手だけを信頼し、音声も信号も暗号化します。\n" +
			"他拠点から当拠点の外線への発信は、sekisho site outside で許さない限り、関所が通しません。\n" +
			"ランプは状態だけを見せ合います。やめるには sekisho site lamps、代理応答を許すには sekisho site pickup を使います。",
		EN: "Connects to the Sekisho of another site: its extensions are dialed as they are.\n" +
			"Run sekisho site code at both units, and type what each prints into sekisho site pair at the other one.\n" +
			"Only a unit whose code was typed is trusted; signaling and voice are encrypted.\n" +
			"The gate lets no call of another site out on our lines unless sekisho site outside says so.\n" +
			"Lamps show how extensions stand and nothing of who is in the call; sekisho site lamps hides ours,\n" +
			"and sekisho site pickup lets a site take calls that ring here.",
	},
	"cli.site.arg.site":      {JA: "拠点", EN: "SITE"},
	"cli.site.code":          {JA: "相手側で入力するコードを表示する", EN: "show the code to type at the other unit"},
	"cli.site.code.own":      {JA: "この主装置のコード: %s", EN: "The code of this unit: %s"},
	"cli.site.code.at":       {JA: "他拠点からの接続は %s で受けます。", EN: "Other sites connect to us at %s."},
	"cli.site.code.deaf":     {JA: "他拠点からの接続は受けません (設定の voice.site_addr が空です)。こちらから相手へ接続します。", EN: "Other sites can't connect to us (voice.site_addr is empty): we connect to them."},
	"cli.site.pair":          {JA: "他拠点を信頼し、その内線番号を決める", EN: "trust another site, and say which extensions are its own"},
	"cli.site.flag.code":     {JA: "相手側の sekisho site code が表示したコード", EN: "what sekisho site code printed at the other unit"},
	"cli.site.flag.numbers":  {JA: "相手の内線番号の範囲 (3xx、300-349 など。カンマ区切り)", EN: "the other site's extensions: 3xx, 300-349 and the like, with commas"},
	"cli.site.flag.address":  {JA: "相手のアドレス (ホスト:ポート)。省略すると相手からの接続を待ちます", EN: "where the other site is, host:port; left out, it connects to us"},
	"cli.site.flag.public":   {JA: "不通の間、相手の内線の代わりに外線からかける番号。省略するとかけません", EN: "the number outside that is called in place of its extensions while it is away; left out, none is"},
	"cli.site.public.bad":    {JA: "番号 %s は不通の間の代わりの番号にできません", EN: "%s can't be called in place of a site"},
	"cli.site.public.bad.do": {JA: "外線を登録してから、相手拠点につながる国内の通常の番号を指定してください。", EN: "Give an ordinary number within Japan at which the site is called, once there is a line here."},
	"cli.site.paired":        {JA: "拠点 %s (内線 %s) を信頼します。相手側でも同じようにコードを入力してください。", EN: "Site %s (extensions %s) is trusted. Do the same at the other unit."},
	"cli.site.unpair":        {JA: "他拠点を信頼しないことにする (通話中なら切れます)", EN: "trust another site no more; calls with it end"},
	"cli.site.unpaired":      {JA: "拠点 %s を信頼しないことにしました。", EN: "Site %s is trusted no more."},
	"cli.site.list":          {JA: "他拠点の一覧とその状態", EN: "list the other sites and whether they answer"},
	"cli.site.outside":       {JA: "他拠点が当拠点の外線から発信してよいかを決める", EN: "say whether another site may call outside over our lines"},
	"cli.site.outside.on":    {JA: "拠点 %s は当拠点の外線から発信できます (国際電話を除く)。通話料はこの拠点の予算で数えます。", EN: "Site %s may call outside over our lines, but not abroad. It is charged to the site's own budgets."},
	"cli.site.outside.off":   {JA: "拠点 %s は当拠点の外線から発信できません (緊急通報を除く)。", EN: "Site %s may not call outside over our lines; emergency calls pass."},
	"cli.site.lamps":         {JA: "他拠点の電話機に当拠点の内線のランプを見せるかを決める", EN: "say whether phones of another site may watch the lamps of extensions here"},
	"cli.site.lamps.on":      {JA: "拠点 %s の電話機は当拠点の内線のランプ (状態だけで、相手は含みません) を見られます。", EN: "Phones of site %s may watch the lamps of extensions here: how they stand, and nothing of who is in the call."},
	"cli.site.lamps.off":     {JA: "拠点 %s の電話機は当拠点の内線のランプを見られません。", EN: "Phones of site %s may not watch the lamps of extensions here."},
	"cli.site.pickup":        {JA: "当拠点で鳴っている着信に他拠点から応答してよいかを決める", EN: "say whether another site may pick up calls that ring here"},
	"cli.site.pickup.on":     {JA: "拠点 %s から、当拠点で鳴っている着信に応答できます。", EN: "Phones of site %s may pick up calls that ring here."},
	"cli.site.pickup.off":    {JA: "拠点 %s から、当拠点で鳴っている着信には応答できません。", EN: "Phones of site %s may not pick up calls that ring here."},
	"cli.site.onoff":         {JA: "%q は on でも off でもありません", EN: "%q is neither on nor off"},
	"cli.site.renew":         {JA: "この主装置の鍵を作り直す (各拠点で新しいコードの入力が要ります)", EN: "make this unit another key; the new code must be typed at every other site"},
	"cli.site.renewed":       {JA: "鍵を作り直しました。各拠点で sekisho site pair をやり直してください。新しいコード: %s", EN: "There is a new key. Run sekisho site pair anew at every other site, with the new code: %s"},
	"cli.site.incomplete":    {JA: "--code と --numbers を指定してください", EN: "give --code and --numbers"},
	"cli.site.code.bad":      {JA: "コードが正しくありません", EN: "that is no code of a unit"},
	"cli.site.code.bad.do":   {JA: "相手側で sekisho site code が表示したコードを、打ち間違いのないように入力してください。", EN: "Type what sekisho site code prints at the other unit; check for slips."},
	"cli.site.self":          {JA: "それはこの主装置自身のコードです", EN: "that is the code of this unit itself"},
	"cli.site.twice":         {JA: "そのコードの主装置は拠点 %s としてすでに登録されています", EN: "the unit with that code is site %s already"},
	"cli.site.address":       {JA: "アドレス %s は読み取れません (ホスト:ポートの形で指定してください)", EN: "%s is no address: give host:port"},
	"cli.site.bad":           {JA: "この拠点は登録できません: %s", EN: "the site can't be set: %s"},
	"cli.site.bad.do":        {JA: "内線番号の範囲がほかと重ならないようにしてください。", EN: "Choose ranges that nothing else has."},
	"cli.site.none":          {JA: "拠点 %s はありません", EN: "there is no site %s"},
	"cli.site.none.do":       {JA: "sekisho site list で確認できます。", EN: "sekisho site list shows them."},
	"cli.site.itsnumber":     {JA: "内線 %s は拠点 %s のものです", EN: "extension %s is of site %s"},
	"cli.col.site":           {JA: "拠点", EN: "SITE"},
	"cli.col.address":        {JA: "アドレス", EN: "ADDRESS"},
	"cli.col.public":         {JA: "不通時の番号", EN: "WHILE AWAY"},
	"cli.col.outside":        {JA: "当拠点の外線", EN: "OUR LINES"},
	"cli.col.lamps":          {JA: "当拠点のランプ", EN: "OUR LAMPS"},
	"cli.col.pickup":         {JA: "当拠点の代理応答", EN: "PICKS UP"},
	"cli.col.extensions":     {JA: "内線番号", EN: "EXTENSIONS"},
	"site.state.up":          {JA: "接続中", EN: "up"},
	"site.state.away":        {JA: "不通", EN: "away"},
	"site.outside.on":        {JA: "使える", EN: "may use"},
	"site.outside.off":       {JA: "使えない", EN: "barred"},
	"site.may":               {JA: "許可", EN: "allowed"},
	"site.may.not":           {JA: "不可", EN: "refused"},
	"site.why.new":           {JA: "確認中", EN: "not asked yet"},
	"site.why.no-way":        {JA: "接続できません", EN: "no connection"},
	"site.why.unanswered":    {JA: "応答がありません (%s)", EN: "no answer (%s)"},
}
