package text

// catalogUnit is what phones show.
var catalogUnit = map[Key]Sentence{
	"unit.callback": {JA: "緊急通報の折り返し (内線%s)", EN: "Emergency call-back for %s"},
}
