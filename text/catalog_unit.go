package text

// catalogUnit is what phones show.
var catalogUnit = map[Key]Sentence{
	"unit.mark.abroad":      {JA: "【海外】%s", EN: "[ABROAD] %s"},
	"unit.mark.posing":      {JA: "【番号偽装の疑い】%s", EN: "[NUMBER FAKED?] %s"},
	"unit.site":             {JA: "【%s】%s", EN: "[%s] %s"},
	"unit.notice":           {JA: "主装置からの通報", EN: "Alert of the unit"},
	"unit.wake-up":          {JA: "モーニングコール", EN: "Wake-up call"},
	"unit.free":             {JA: "話中予約 %s", EN: "Free now: %s"},
	"unit.back":             {JA: "戻り %s", EN: "Back: %s"},
	"unit.callback.unknown": {JA: "緊急通報の折り返し", EN: "Emergency call-back"},
	"unit.callback":         {JA: "緊急通報の折り返し (内線%s)", EN: "Emergency call-back for %s"},
}
