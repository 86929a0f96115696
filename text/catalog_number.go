package text

// catalogNumber names what was dialed: classes, ranges, and the reasons why a
// string is not understood or a number can't be planned.
var catalogNumber = map[Key]Sentence{
	"number.class.not-understood":  {JA: "解釈できない番号", EN: "not understood"},
	"number.class.emergency":       {JA: "緊急通報", EN: "emergency"},
	"number.class.extension":       {JA: "内線", EN: "extension"},
	"number.class.feature":         {JA: "機能番号", EN: "feature code"},
	"number.class.geographic":      {JA: "固定電話", EN: "geographic"},
	"number.class.mobile":          {JA: "携帯電話", EN: "mobile"},
	"number.class.ip-phone":        {JA: "IP電話 (050)", EN: "IP phone (050)"},
	"number.class.freephone":       {JA: "着信課金 (0120、0800)", EN: "freephone"},
	"number.class.service":         {JA: "1XYサービス", EN: "1XY service"},
	"number.class.hash-short":      {JA: "#短縮番号", EN: "# short number"},
	"number.class.navi":            {JA: "ナビダイヤル (0570)", EN: "shared cost (0570)"},
	"number.class.premium":         {JA: "情報料代理徴収 (0990)", EN: "premium rate (0990)"},
	"number.class.telegong":        {JA: "テレゴング (0180)", EN: "mass calling (0180)"},
	"number.class.pager":           {JA: "ポケットベル・M2M (020)", EN: "pager or M2M (020)"},
	"number.class.carrier-feature": {JA: "通信事業者の設定番号", EN: "carrier's feature code"},
	"number.class.carrier-select":  {JA: "事業者識別番号 (00XY、122)", EN: "carrier selection (00XY, 122)"},
	"number.class.international":   {JA: "国際電話", EN: "international"},
	"number.class.global-code":     {JA: "国に属さない国際番号", EN: "global code without a country"},
	"number.class.satellite":       {JA: "衛星電話", EN: "satellite"},

	"number.range.unknown":     {JA: "種別なし", EN: "no range"},
	"number.range.unallocated": {JA: "未割当", EN: "unallocated"},
	"number.range.fixed":       {JA: "固定", EN: "fixed"},
	"number.range.mobile":      {JA: "携帯", EN: "mobile"},
	"number.range.toll-free":   {JA: "着信課金", EN: "toll-free"},
	"number.range.premium":     {JA: "有料情報", EN: "premium rate"},
	"number.range.shared-cost": {JA: "発着分担課金", EN: "shared cost"},
	"number.range.voip":        {JA: "IP電話", EN: "VoIP"},
	"number.range.personal":    {JA: "個人番号", EN: "personal number"},
	"number.range.pager":       {JA: "ポケットベル", EN: "pager"},
	"number.range.uan":         {JA: "統一番号", EN: "universal access number"},

	"number.why.empty":          {JA: "何もダイヤルされていません", EN: "nothing was dialed"},
	"number.why.symbol":         {JA: "数字でない文字が入っています", EN: "a character is no digit"},
	"number.why.length":         {JA: "桁数が合いません", EN: "too few or too many digits"},
	"number.why.outside-prefix": {JA: "外線発信番号がありません", EN: "the outside prefix is missing"},
	"number.why.presentation":   {JA: "184・186の使い方が違います", EN: "184 or 186 can't stand there"},
	"number.why.home-country": {
		JA: "日本の国番号81の後に0や010がある、または日本へ国際電話をかけようとしています",
		EN: "Japan's country code 81 with a zero behind it, or dialed as abroad",
	},
	"number.why.country":       {JA: "国番号がありません", EN: "there is no country code"},
	"number.why.unassigned":    {JA: "割り当てられていない番号です", EN: "no range of the Japanese plan"},
	"number.why.area-code":     {JA: "回線の市外局番が設定されていません", EN: "the line has no area code set"},
	"number.why.short-number":  {JA: "登録されていない1XY番号です", EN: "a 1XY number that nobody declared"},
	"number.why.carrier":       {JA: "事業者識別番号の後にはダイヤルできない番号です", EN: "can't be dialed behind a carrier code"},
	"number.why.parameter":     {JA: "行き先を変えるパラメータが付いています", EN: "a parameter would change where the call goes"},
	"number.why.phone-context": {JA: "phone-contextがこの主装置のものではありません", EN: "the phone-context is not this unit's"},
	"number.why.scheme":        {JA: "電話番号のURIではありません", EN: "not a telephone URI"},

	"number.plan.extension": {JA: "内線番号 %s は2〜8桁の数字にしてください", EN: "extension %s: use 2 to 8 digits"},
	"number.plan.extension-emergency": {
		JA: "内線番号 %s は緊急通報 (110、118、119) と重なります",
		EN: "extension %s collides with an emergency number (110, 118, 119)",
	},
	"number.plan.extension-zero": {
		JA: "内線番号 %s は0で始められません (外線の番号が0で始まるため)",
		EN: "extension %s must not begin with 0, as outside numbers do",
	},
	"number.plan.extension-network": {
		JA: "内線番号 %s は184、186、122で始められません",
		EN: "extension %s must not begin with 184, 186 or 122",
	},
	"number.plan.extension-prefix": {
		JA: "内線番号 %s は外線発信番号と重なります",
		EN: "extension %s collides with the outside prefix",
	},
	"number.plan.extension-feature": {JA: "内線番号 %s は機能番号と重なります", EN: "extension %s collides with a feature code"},
	"number.plan.block": {
		JA: "内線番号の範囲 %s は読み取れません。3xx、300-349、301 のように書いてください",
		EN: "%s is no range of extensions: write 3xx, 300-349 or 301",
	},
	"number.plan.prefix": {
		JA: "外線発信番号 %s は1桁または2桁で、1や00で始まらない数字にしてください",
		EN: "outside prefix %s: use 1 or 2 digits, not beginning with 1; of those with 0 only 0 itself",
	},
	"number.plan.feature": {
		JA: "機能番号 %s は、*か#で始まる2〜8文字、または外線・緊急通報と重ならない番号にしてください",
		EN: "feature code %s: use 2 to 8 of 0-9 * #, not beginning as outside or emergency numbers do",
	},
	"number.plan.area-code": {JA: "%s は市外局番ではありません", EN: "%s is not an area code"},
	"number.plan.line":      {JA: "%s は回線に登録できません", EN: "a line can't declare %s"},
}
