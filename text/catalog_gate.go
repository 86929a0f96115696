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
		JA: "決められた時間帯の外線発信は規制します。人のいない時間の発信は不正利用の疑いが強いからです。",
		EN: "Calls in the barred hours are refused, because calls from an empty office are likely fraud.",
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
