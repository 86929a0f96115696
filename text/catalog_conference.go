package text

// catalogConference is what is said of conference rooms.
var catalogConference = map[Key]Sentence{
	"cli.conference":             {JA: "会議室の暗証番号", EN: "the PINs of conference rooms"},
	"cli.conference.list":        {JA: "会議室と、暗証番号の有無の一覧", EN: "list the rooms, and whether they have a PIN"},
	"cli.conference.pin":         {JA: "会議室の暗証番号を作る (前の番号は使えなくなる)", EN: "draw a PIN for a room; the one before is none any more"},
	"cli.conference.pin.done":    {JA: "会議室 %s の暗証番号: %s", EN: "PIN of room %s: %s"},
	"cli.conference.pin.once":    {JA: "この表示は一度きりです。会議に出る人にだけ伝えてください。", EN: "This is shown once. Tell it to nobody but those who take part."},
	"cli.conference.pin.gone":    {JA: "会議室 %s の暗証番号をなくしました。社内の人はだれでも入れますが、社外からは入れません。", EN: "Room %s has no PIN any more: it is open to the office, and callers from outside can't come in."},
	"cli.conference.flag.remove": {JA: "暗証番号をなくす", EN: "take the PIN away"},
	"cli.conference.unlock":      {JA: "間違いが続いて使えなくなった暗証番号を、また使えるようにする", EN: "have a PIN be typed again that wrong ones have locked"},
	"cli.conference.unlocked":    {JA: "会議室 %s の暗証番号を、また使えるようにしました。", EN: "The PIN of room %s can be typed again."},
	"cli.conference.none":        {JA: "会議室 %s はありません (1 から %s まで)", EN: "there is no room %s: they are 1 to %s"},
	"cli.conference.nopin":       {JA: "会議室 %s には暗証番号がありません", EN: "room %s has no PIN"},
	"cli.conference.nopin.do":    {JA: "sekisho conference pin で作れます。社外の人は、暗証番号のある会議室にだけ入れます。", EN: "Draw one with sekisho conference pin: people outside come only into rooms that have one."},
	"cli.conference.long": {
		JA: "会議室 (*301 から *304) に暗証番号を付けると、社内の人も、転送された人も、暗証番号を押さなければ入れません。暗証番号のある会議室には、外線の着信先やメニューの先に room-1 のように指定すれば、社外の人も入れます。",
		EN: "A room (*301 to *304) that has a PIN lets nobody in without: neither who dials it, nor who is transferred there. Callers from outside come into such a room where a number, or a key of a menu, leads to room-1 and so on.",
	},
	"cli.arg.room": {JA: "会議室", EN: "ROOM"},
	"cli.col.room": {JA: "会議室", EN: "ROOM"},
}
