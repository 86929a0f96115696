package text

// catalogBudget is what the commands say of budgets.
var catalogBudget = map[Key]Sentence{
	"cli.arg.budget": {JA: "予算", EN: "BUDGET"},
	"cli.budget":     {JA: "通話料の予算", EN: "budgets of what calls cost"},
	"cli.budget.show": {
		JA: "予算の上限と、使った額・取り置いた額を見る",
		EN: "show budgets: their bounds, and what is spent and set aside",
	},
	"cli.budget.set": {JA: "予算の上限を変える", EN: "change the bounds of a budget"},
	"cli.budget.set.long": {
		JA: "予算の上限を変えます。金額は円です。0 は上限なしです。指定しなかった上限は変わりません。\n\n" +
			"予算の名前は、だれの予算か (unit、extension/内線番号、person/内線番号、people、group/番号、forward/内線番号) と、" +
			"何の予算か (abroad、premium、mobile、home) を / でつないだものです。" +
			"extension/abroad は、自分の上限を持たないすべての内線に効きます。",
		EN: "Change the bounds of a budget. Amounts are in yen; 0 is no bound; bounds that are not given stay.\n\n" +
			"A budget's name says whose it is (unit, extension/NUMBER, person/NUMBER, people, group/NUMBER, " +
			"forward/NUMBER) and for which calls (abroad, premium, mobile, home). extension/abroad is for all extensions without bounds of their own.",
	},
	"cli.budget.flag.hour":       {JA: "1時間の上限 (円)", EN: "yen in an hour"},
	"cli.budget.flag.incident":   {JA: "どの24時間でも超えない上限 (円)", EN: "yen in any 24 hours"},
	"cli.budget.flag.day":        {JA: "1日の上限 (円)", EN: "yen on a day"},
	"cli.budget.flag.month":      {JA: "1か月の上限 (円)", EN: "yen in a month"},
	"cli.budget.flag.call":       {JA: "1通話の上限 (円)", EN: "yen for one call"},
	"cli.budget.flag.per-minute": {JA: "1分あたりの料金の上限 (円)", EN: "price of a minute in yen"},
	"cli.budget.flag.connect":    {JA: "接続料の上限 (円)", EN: "connect fee in yen"},
	"cli.budget.flag.at-once":    {JA: "同時に話せる通話の数", EN: "calls at once"},
	"cli.budget.flag.callees":    {JA: "1日にかけられる相手の数 (海外)", EN: "different numbers abroad on a day"},
	"cli.budget.flag.length":     {JA: "1通話の長さの上限 (例: 1h)", EN: "length of a call, e.g. 1h"},
	"cli.budget.flag.warn":       {JA: "通話がこの長さになったら、警報音で知らせる (例: 25m)", EN: "when a call is so long, who talks hears a tone, e.g. 25m"},
	"cli.budget.flag.grow-to":    {JA: "実績に合わせて週に一度、1日の上限をこの額まで自動で広げる (円)", EN: "widen the day by itself once a week as the office spends, up to so many yen"},
	"cli.budget.flag.until":      {JA: "この日時まで、またはこれだけの間 (例: 8h、2026-12-24)。出荷時より広げるときに要ります", EN: "until then, or for so long, e.g. 8h or 2026-12-24; needed where a budget is raised above the factory's"},
	"cli.budget.wrong":           {JA: "予算を変えられません: %s", EN: "the budget can't be changed: %s"},
	"cli.budget.isset":           {JA: "予算 %s の上限を変えました。", EN: "The bounds of budget %s are changed."},
	"cli.budget.suggest":         {JA: "実績に合う予算の案を見る", EN: "suggest budgets that fit what the office spends"},
	"cli.budget.suggest.long": {
		JA: "これまで60日間の通話から、いまの上限では足りない予算と、その案を示します。直近3日間と、切断された通話のあった日は数えません。" +
			"一度に広げるのは1.5倍まで、1日の上限は --ceiling までです。--apply を付けると、期限と理由を付けて適用します。",
		EN: "Shows which budgets are too narrow for the calls of the last 60 days, and what would fit. The last three days " +
			"don't count, nor days on which calls were cut. A budget grows by half at once, and on a day not beyond " +
			"--ceiling. With --apply it is put in force, with an expiry and a reason.",
	},
	"cli.budget.flag.ceiling":     {JA: "1日の上限として認める額 (円)", EN: "yen on a day that a budget may come to"},
	"cli.budget.flag.apply":       {JA: "案をそのまま適用する", EN: "put it in force"},
	"cli.budget.flag.apply-until": {JA: "この日時まで、またはこれだけの間 (例: 2160h、2027-03-31)", EN: "until then, or for so long, e.g. 2160h or 2027-03-31"},
	"cli.budget.suggest.from":     {JA: "料金のかかった通話 %s 件 (%s 以降) による案です。", EN: "From %s calls that cost something, since %s:"},
	"cli.budget.suggest.none":     {JA: "広げたほうがよい予算はありません (実績のある日が10日に満たない予算には案を出しません)。", EN: "No budget needs to be wider. Where calls were made on fewer than ten days nothing is suggested."},
	"cli.budget.suggest.bounded":  {JA: "まだ足りない見込み", EN: "likely still narrow"},
	"cli.budget.suggest.how":      {JA: "適用するには --apply を付けるか、次を gate.toml に加えてください (sekisho gate preview で確かめられます):", EN: "To take it, give --apply, or put this into gate.toml and look at it with sekisho gate preview:"},
	"cli.col.days":                {JA: "日数", EN: "DAYS"},
	"cli.col.usual":               {JA: "ふだんの1日", EN: "USUAL DAY"},
	"cli.budget.release":          {JA: "使い切って閉じた予算を解除する", EN: "release a budget that was used up"},
	"cli.budget.release.long": {
		JA: "使い切って閉じた予算を、ふたたび使えるようにします。それまでに使った額は、その24時間の上限に数えなくなります。" +
			"不正利用でないことを確かめてから解除してください。だれが、なぜ解除したかは証跡に残ります。",
		EN: "Let calls go on from a budget that was used up. What it spent until now counts no longer in any 24 hours. " +
			"Make sure first that it was no fraud; who released it, and why, stays in the evidence.",
	},
	"cli.budget.released":        {JA: "予算 %s を解除しました。", EN: "Budget %s is released."},
	"cli.budget.none":            {JA: "%s という予算はありません", EN: "there is no budget %s"},
	"cli.budget.none.do":         {JA: "unit/abroad や extension/201/mobile のように指定してください。", EN: "Give a name like unit/abroad or extension/201/mobile."},
	"cli.budget.open":            {JA: "予算 %s は閉じていません", EN: "budget %s is not shut"},
	"cli.budget.open.do":         {JA: "閉じている予算は sekisho budget show で分かります。", EN: "sekisho budget show lists those that are."},
	"cli.budget.noreason":        {JA: "理由が要ります", EN: "a reason is needed"},
	"cli.budget.amount":          {JA: "%s は円の金額として読めません", EN: "%s is not an amount in yen"},
	"cli.budget.count":           {JA: "%s は数として読めません", EN: "%s is not a count"},
	"cli.budget.state.open":      {JA: "使えます", EN: "open"},
	"cli.budget.state.kind":      {JA: "ほかの上限がないもの", EN: "those without bounds of their own"},
	"cli.budget.state.shut":      {JA: "使い切って閉じています (%s)", EN: "used up and shut (%s)"},
	"cli.budget.window.hour":     {JA: "1時間", EN: "hour"},
	"cli.budget.window.incident": {JA: "24時間", EN: "24 hours"},
	"cli.budget.window.day":      {JA: "1日", EN: "day"},
	"cli.budget.window.month":    {JA: "1か月", EN: "month"},
	"cli.col.budget":             {JA: "予算", EN: "BUDGET"},
	"cli.col.used24":             {JA: "24時間", EN: "24 HOURS"},
	"cli.col.usedday":            {JA: "きょう", EN: "TODAY"},
	"cli.col.usedmonth":          {JA: "今月", EN: "MONTH"},
	"cli.col.held":               {JA: "取り置き", EN: "HELD"},
	"cli.col.atonce":             {JA: "通話中", EN: "CALLS"},
}
