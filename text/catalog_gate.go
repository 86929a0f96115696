package text

// catalogGate says of every rule of the gate what it does and why.
var catalogGate = map[Key]Sentence{
	"gate.emergency": {
		JA: "緊急通報(110・118・119)は、内線からであればどんな場合でも通します。人命にかかわるからです。",
		EN: "Emergency calls (110, 118, 119) from an extension always pass, because lives depend on them.",
	},
	"gate.unclaimed": {
		JA: "初期設定が終わるまで外線発信を規制します。まだ誰も責任を持っていない主装置だからです。",
		EN: "Outside calls are refused until set-up is finished, because nobody answers for the unit yet.",
	},
	"gate.quarantine": {
		JA: "隔離した電話機・認証情報・内線・外線・宛先の外線発信は規制します。不正利用を止めるために、人が切り離したからです。",
		EN: "What is set apart may not call outside, because somebody cut it off to stop fraud.",
	},
	"gate.not-understood": {
		JA: "番号として解釈できないものは規制します。記号などで規制をすり抜けられないようにするためです。",
		EN: "What is not understood as a number is refused, so that no symbol or spelling slips past a rule.",
	},
	"gate.origin": {
		JA: "発信元を確かめられない発信は規制します。なりすましの発信を出さないためです。",
		EN: "Calls whose origin did not prove itself are refused, because an impostor's calls must not go out.",
	},
	"gate.line-to-line": {
		JA: "外線から着信した通話を外線へ折り返すことは規制します。第三者が費用を負わせられるからです。",
		EN: "A call that came in on a line may not go out on a line, because strangers would call at your cost.",
	},
	"gate.site": {
		JA: "他拠点から当拠点の外線への発信は、持ち主がその拠点に許したときだけ通します。拠点間の接続が不正利用の入口にならないようにするためです。",
		EN: "A call of another site goes out on our lines only where the owner has switched that on for the site, " +
			"so that the way between sites is no way in for fraud.",
	},
	"gate.alert-call": {
		JA: "主装置が自分からかける電話は、設定に書かれた国内の通報先だけに限ります。主装置が乗っ取られても、ほかへかけられないようにするためです。",
		EN: "The unit itself calls only the numbers for alerts in its configuration, and only within Japan, " +
			"so that nobody makes it call elsewhere.",
	},
	"gate.international": {
		JA: "国際電話は、内線ごとに期限付きで開けた国以外は規制します。不正利用の多くが国際電話だからです。",
		EN: "International calls are refused but to countries opened for an extension until a date, " +
			"because most toll fraud goes abroad.",
	},
	"gate.premium": {
		JA: "通話料が高くなる番号(0570・0990・0180・020など)は規制します。かけた側が余分に払うことになるからです。",
		EN: "Premium and shared-cost numbers (0570, 0990, 0180, 020) are refused, because the caller pays extra.",
	},
	"gate.global-code": {
		JA: "衛星電話と国に属さない番号は規制します。料金が特に高く、不正利用に使われるからです。",
		EN: "Satellite phones and codes of no country are refused, because they are very dear and used for fraud.",
	},
	"gate.carrier-feature": {
		JA: "転送設定など、電話会社の回線を変える番号は規制します。主装置の外で転送されると見えなくなるからです。",
		EN: "Codes that change the carrier's line are refused, because forwarding there is out of the gate's sight.",
	},
	"gate.carrier-selection": {
		JA: "事業者識別番号(00XY・122)は、回線が宣言していない限り規制します。別の会社から請求されるからです。",
		EN: "Carrier selection (00XY, 122) is refused unless the line declares it, " +
			"because another company would send the bill.",
	},
	"gate.extension-class": {
		JA: "この内線に許されていない種類の番号は規制します。持ち主がそう決めたからです。",
		EN: "Classes that the extension was not given are refused, because the owner decided so.",
	},
	"gate.line-class": {
		JA: "この回線が扱わない種類の番号は規制します。回線の側で何が起きるか分からないからです。",
		EN: "Classes that the line does not carry are refused, because nobody knows what the carrier makes of them.",
	},
	"gate.hours": {
		JA: "決められた時間帯の外線発信は規制します。人のいない時間の発信は不正利用の疑いが強いからです。持ち主がそう決めていれば、暗証番号で通します。",
		EN: "Calls in the barred hours are refused, because calls from an empty office are likely fraud; where the owner says so a PIN lets by.",
	},
	"gate.tempo": {
		JA: "事業所のふだんの電話の使い方と違う発信を見分けます。別々の兆候が重なると暗証番号で本人か確かめ、社員の発信とは考えられないときは、規制してその内線を隔離します。" +
			"盗まれた電話機やパスワードは、ほかのどの規則も通るからです。",
		EN: "Calls that are unlike how the office telephones are told apart. Independent signs have the caller asked for its PIN; where they " +
			"say that it is no employee, the call is refused and the extension set apart, because a stolen phone or password passes every other rule.",
	},
	"gate.budget": {
		JA: "通話料の予算が残っていない発信と、1回の通話に許された料金を超える発信は規制します。" +
			"発信の前に料金を取り置くので、不正利用があっても損害は予算までです。内線の予算は、暗証番号で24時間に一度だけ、もう一つ分開けます。",
		EN: "Calls for which a budget has no money left, or that cost more than one call may, are refused: " +
			"money is set aside before a call, so that fraud can't cost more than the budget. A PIN opens one further budget of an extension in 24 hours.",
	},
	"gate.ordinary": {
		JA: "通常の国内番号と、期限内で開けてある国への発信を通します。",
		EN: "Ordinary domestic numbers pass, and calls to countries that are open.",
	},
	"gate.everything-else": {
		JA: "ここまでに通すと決まらなかった発信は、すべて規制します。",
		EN: "Everything that nothing passed is refused.",
	},
	"gate.degraded": {
		JA: "判定を記録できないため規制します。記録のない発信は後から証明できないからです。",
		EN: "The call is refused because its verdict can't be written, and no call may go out without a record.",
	},
}

// catalogVerdict is the gate's words in a trace: its verbs, the rules by name,
// and what a rule said of one call.
var catalogVerdict = map[Key]Sentence{
	"gate.verb.pass":       {JA: "許可", EN: "pass"},
	"gate.verb.refuse":     {JA: "規制", EN: "refuse"},
	"gate.verb.challenge":  {JA: "本人確認", EN: "challenge"},
	"gate.verb.cut":        {JA: "切断", EN: "cut"},
	"gate.verb.quarantine": {JA: "隔離", EN: "quarantine"},
	"gate.verb.internal":   {JA: "内線", EN: "internal"},
	"gate.verb.none":       {JA: "該当しません", EN: "no opinion"},

	"gate.rule.emergency":         {JA: "緊急通報", EN: "emergency"},
	"gate.rule.unclaimed":         {JA: "初期設定前", EN: "unclaimed"},
	"gate.rule.quarantine":        {JA: "隔離", EN: "quarantine"},
	"gate.rule.not-understood":    {JA: "解釈できない番号", EN: "not-understood"},
	"gate.rule.origin":            {JA: "発信元の確認", EN: "origin"},
	"gate.rule.site":              {JA: "他拠点", EN: "another site"},
	"gate.rule.line-to-line":      {JA: "外線から外線", EN: "line-to-line"},
	"gate.rule.alert-call":        {JA: "通報の電話", EN: "alert-call"},
	"gate.rule.international":     {JA: "国際電話", EN: "international"},
	"gate.rule.premium":           {JA: "高額な番号", EN: "premium"},
	"gate.rule.global-code":       {JA: "衛星電話など", EN: "global-code"},
	"gate.rule.carrier-feature":   {JA: "回線の設定番号", EN: "carrier-feature"},
	"gate.rule.carrier-selection": {JA: "事業者識別番号", EN: "carrier-selection"},
	"gate.rule.extension-class":   {JA: "内線ごとの規制", EN: "extension-class"},
	"gate.rule.line-class":        {JA: "外線ごとの規制", EN: "line-class"},
	"gate.rule.hours":             {JA: "時間帯", EN: "hours"},
	"gate.rule.tempo":             {JA: "ふだんとの違い", EN: "tempo"},
	"gate.rule.budget":            {JA: "通話料の予算", EN: "budget"},
	"gate.rule.ordinary":          {JA: "通常の番号", EN: "ordinary"},
	"gate.rule.everything-else":   {JA: "そのほかすべて", EN: "everything-else"},
	"gate.rule.degraded":          {JA: "記録できない", EN: "degraded"},
	"gate.rule.plan":              {JA: "番号計画", EN: "plan"},

	"gate.said.quarantine":        {JA: "隔離 %s に当たります", EN: "set apart by quarantine %s"},
	"gate.said.not-listed":        {JA: "%s は、この主装置で開けられる国・地域に入っていません", EN: "area %s is not on the unit's list of countries"},
	"gate.said.not-open":          {JA: "国・地域 %s は内線 %s に開けられていません", EN: "area %s is not open to extension %s"},
	"gate.said.not-plain":         {JA: "開放 %s は、有料・未割当・特殊な番号には及びません", EN: "opening %s does not cover premium, unallocated or special ranges"},
	"gate.said.satellite":         {JA: "衛星電話の番号です", EN: "a satellite network"},
	"gate.said.global-code":       {JA: "国に属さない番号です", EN: "a code without a country"},
	"gate.said.nothing":           {JA: "番号として解釈されていません", EN: "it was not read as a number"},
	"gate.said.inside":            {JA: "内線の番号は外線へ出せません", EN: "an inside number is not for a line"},
	"gate.said.unknown-class":     {JA: "関所の知らない種類の番号です", EN: "a class this gate does not know"},
	"gate.said.no-digits":         {JA: "宛先に数字がありません", EN: "a destination without digits"},
	"gate.said.premium-class":     {JA: "通話料が高くなる種類の番号です", EN: "premium or shared-cost class"},
	"gate.said.premium-range":     {JA: "通話料が高くなる範囲の番号です", EN: "premium or shared-cost range"},
	"gate.said.carrier-feature":   {JA: "電話会社の回線の設定を変える番号です", EN: "it would change the carrier's line"},
	"gate.said.carrier-selection": {JA: "外線 %s は事業者識別番号 %s を宣言していません", EN: "line %s does not declare carrier %s"},
	"gate.said.inside-only":       {JA: "内線 %s は内線だけにかけられます", EN: "extension %s may call inside only"},
	"gate.said.extension-class":   {JA: "内線 %s に許されていない種類の番号です", EN: "not a class of extension %s"},
	"gate.said.no-line":           {JA: "外線 %q は関所に登録されていません", EN: "line %q is not in the policy"},
	"gate.said.line-class":        {JA: "外線 %s が扱わない種類の番号です", EN: "not a class of line %s"},
	"gate.said.hours":             {JA: "規制の時間帯です (%s)", EN: "within hours %s"},
	"gate.said.tempo.cut":         {JA: "別々の兆候が重なり、社員の発信とは考えられません", EN: "several independent signs say that this is no employee"},
	"gate.said.tempo.challenge":   {JA: "ふだんと違う兆候が重なっているので、本人かどうかを暗証番号で確かめます", EN: "independent signs are odd: the PIN shows whether it is the phone's owner"},
	"gate.said.tempo.noted":       {JA: "ふだんと違うところがあります", EN: "something about it is odd"},
	"gate.said.budget.per-minute": {JA: "1分あたりの料金が、予算 %s で許された額を超えます", EN: "a minute costs more than budget %s allows"},
	"gate.said.budget.connect":    {JA: "接続料が、予算 %s で許された額を超えます", EN: "the connect fee is higher than budget %s allows"},
	"gate.said.budget.call":       {JA: "1通話の料金が、予算 %s で許された額を超えます", EN: "the shortest call costs more than budget %s allows for one"},
	"gate.said.budget.own":        {JA: "本人が暗証番号で確かめた発信なので、予算 %s から支払います", EN: "a PIN vouches for the call, which is paid from budget %s"},
	"gate.said.budget.shut":       {JA: "予算 %s は使い切られ、まだ解除されていません", EN: "budget %s is used up, and nobody has released it"},
	"gate.said.budget.hour":       {JA: "予算 %s に、この1時間の残りがありません", EN: "budget %s has no room left this hour"},
	"gate.said.budget.incident":   {JA: "予算 %s に、24時間分の残りがありません", EN: "budget %s has no room left in any 24 hours"},
	"gate.said.budget.day":        {JA: "予算 %s に、きょうの残りがありません", EN: "budget %s has no room left today"},
	"gate.said.budget.month":      {JA: "予算 %s に、今月の残りがありません", EN: "budget %s has no room left this month"},
	"gate.said.budget.at-once":    {JA: "予算 %s の同時通話数の上限に達しています", EN: "budget %s has as many calls at once as it may"},
	"gate.said.budget.callees":    {JA: "予算 %s で、きょうかけられる相手の数の上限に達しています", EN: "budget %s has called as many different numbers today as it may"},
	"gate.said.opening":           {JA: "開放 %s により %s への発信を通します", EN: "opening %s covers area %s"},
	"gate.said.ordinary":          {JA: "通常の種類の番号です", EN: "an ordinary class"},
	"gate.said.nothing-passed":    {JA: "通す規則がありませんでした", EN: "nothing passed it"},
	"gate.said.emergency":         {JA: "緊急通報の番号です", EN: "an emergency number"},
	"gate.said.no-extension":      {JA: "発信元の内線がありません", EN: "no extension stands behind it"},
	"gate.said.unclaimed":         {JA: "持ち主の登録が済んでいません", EN: "the owner has not finished set-up"},
	"gate.said.no-path":           {JA: "知らない経路からの発信です", EN: "no known path of origin"},
	"gate.said.not-proved":        {JA: "発信元が本人であることを示していません", EN: "the origin did not prove who it is"},
	"gate.said.alert-number":      {JA: "設定にある通報先の番号ではありません", EN: "no number for alerts in the configuration"},
	"gate.said.alert-class":       {JA: "通報の電話は、国内の一般の番号にだけかけられます", EN: "the unit tells its owner on ordinary numbers within Japan only"},
	"gate.said.line-to-line":      {JA: "外線の着信を外線へ折り返そうとしています", EN: "a line may not call out on a line"},
	"gate.said.site":              {JA: "拠点 %s には当拠点の外線の利用が許されていません", EN: "site %s may not use our lines"},
	"gate.said.no-site":           {JA: "発信した拠点を確かめられません", EN: "no other site is proved to stand behind it"},
	"gate.said.not-written":       {JA: "判定を記録できません", EN: "the verdict can't be written"},
}
