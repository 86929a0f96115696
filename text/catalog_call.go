package text

// catalogCall is what becomes of calls.
var catalogCall = map[Key]Sentence{
	"call.state.trying":         {JA: "呼出中", EN: "trying"},
	"call.state.talking":        {JA: "通話中", EN: "talking"},
	"call.state.ending":         {JA: "終了中", EN: "ending"},
	"call.end.hung-up":          {JA: "通話終了", EN: "hung up"},
	"call.end.preempted":        {JA: "緊急通報のため切断", EN: "preempted"},
	"call.end.stopped":          {JA: "主装置の停止", EN: "stopped"},
	"call.end.budget-exhausted": {JA: "通話料の予算切れ", EN: "budget exhausted"},
	"call.end.cut":              {JA: "強制切断", EN: "cut"},
	"call.end.too-long":         {JA: "通話時間の上限", EN: "too long"},
	"call.end.lost":             {JA: "相手と途切れた", EN: "lost"},
	"call.end.no-media":         {JA: "音声が届かない", EN: "no media"},
	"call.end.no-answer":        {JA: "応答なし", EN: "no answer"},
	"call.end.canceled":         {JA: "応答前に取りやめ", EN: "canceled"},
	"call.end.busy":             {JA: "話し中", EN: "busy"},
	"call.end.not-reachable":    {JA: "つながらない", EN: "not reachable"},
	"call.end.refused":          {JA: "関所が規制", EN: "refused"},
	"call.end.declined":         {JA: "相手が拒否", EN: "declined"},
	"call.end.no-such-number":   {JA: "番号がない", EN: "no such number"},
	"call.end.failed":           {JA: "失敗", EN: "failed"},
	"call.end.restart":          {JA: "主装置の再起動", EN: "restart"},
	"call.end.phone-disabled":   {JA: "電話機の使用停止", EN: "phone disabled"},
	"plan.why.unknown-number":   {JA: "どの外線の番号でもありません", EN: "no line has that number"},
	"plan.why.nowhere":          {JA: "鳴らす電話機がありません", EN: "it rings nothing that exists"},
	"plan.why.feature":          {JA: "使われていない機能番号です", EN: "a feature code without a feature"},
}
