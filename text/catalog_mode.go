package text

// catalogMode is what is said of day, night 1, night 2 and holiday.
var catalogMode = map[Key]Sentence{
	"cli.mode": {JA: "昼・夜1・夜2・休日の切り替えと、その時間割", EN: "day, night 1, night 2 and holiday, and their timetable"},
	"cli.mode.long": {
		JA: "着信をどこで受けるかを、昼・夜1・夜2・休日のモードで切り替えます。\n" +
			"時間割があれば自動で切り替わり、人が切り替えたものは、次に時間割が変わるまで (--stay なら戻すまで) 続きます。\n" +
			"番号は、自分の時間割や切り替えがなければ、主装置全体 (unit) に従います。だれがいつ切り替えたかは証跡に残ります。",
		EN: "Says where calls that come in ring: by day, night 1, night 2 and holiday. With a timetable the mode changes by\n" +
			"itself; what a person switched lasts until the timetable changes it the next time, or with --stay until somebody\n" +
			"says otherwise. A number without a timetable or a switch of its own follows the whole unit. Who switched what\n" +
			"and when is evidence.",
	},
	"cli.mode.show":  {JA: "今のモードと、その理由、時間割、鳴らす先を見る", EN: "show which mode is on and why, the timetable, and what rings"},
	"cli.mode.set":   {JA: "モードを切り替える (day・night1・night2・holiday。auto は時間割に戻す)", EN: "switch the mode: day, night1, night2, holiday; auto gives it back to the timetable"},
	"cli.mode.hours": {JA: "時間割を決める (例: \"mon-fri 09:00-18:00 day\"。off でなくす)", EN: "set the timetable, e.g. \"mon-fri 09:00-18:00 day\"; off takes it away"},
	"cli.mode.hours.long": {
		JA: "時間割を、時間帯ごとに「曜日 開始-終了 モード」で書きます。曜日は mon・tue・…・sun と closed (祝日・お盆・年末年始・休みにした日)。\n" +
			"mon-fri、mon,wed のようにまとめられます。どの時間帯でもないときは --otherwise のモード、休みの日は holiday です。",
		EN: "Write each span as DAYS FROM-TO MODE. Days are mon to sun, and closed: national holidays, Obon, the turn of the\n" +
			"year, and days that you closed. mon-fri and mon,wed put several together. At all other times the mode is that of\n" +
			"--otherwise, on closed days holiday.",
	},
	"cli.mode.rings":          {JA: "あるモードで何を鳴らすかを決める (closed・holiday は案内、mailbox-201 は内線 201 の留守番電話、mailboxes は暗証番号で伝言を聞く入口、off でなくす)", EN: "set what rings in a mode: extensions, an announcement (closed, holiday) a mailbox (mailbox-201) or the way to hear them by PIN (mailboxes); off takes it away"},
	"cli.mode.days":           {JA: "休みの日の一覧", EN: "list the days on which the office is closed"},
	"cli.mode.mark":           {JA: "ある日を休みにする (closed)・営業日にする (open)・暦どおりに戻す (usual)", EN: "mark a day as closed, as open, or as usual"},
	"cli.mode.flag.number":    {JA: "この番号だけ", EN: "this number only"},
	"cli.mode.flag.stay":      {JA: "時間割が変わっても、人が戻すまで続ける", EN: "until somebody says otherwise, whatever the timetable says"},
	"cli.mode.flag.otherwise": {JA: "どの時間帯でもないときのモード", EN: "the mode outside of these spans"},
	"cli.mode.flag.name":      {JA: "その日の名前", EN: "what the day is"},
	"cli.mode.flag.year":      {JA: "年 (省略時は今年)", EN: "the year; this one when left out"},
	"cli.mode.arg.mode":       {JA: "モード", EN: "MODE"},
	"cli.mode.arg.span":       {JA: "時間帯", EN: "SPAN"},
	"cli.mode.arg.date":       {JA: "日付", EN: "DATE"},
	"cli.mode.arg.as":         {JA: "closed|open|usual", EN: "closed|open|usual"},
	"cli.mode.done":           {JA: "%s のモードは %s です%s。", EN: "%s: %s%s."},
	"cli.mode.until":          {JA: " (%s まで)", EN: ", until %s"},
	"cli.mode.untiltold":      {JA: " (人が戻すまで)", EN: ", until somebody says otherwise"},
	"cli.mode.hours.done":     {JA: "%s の時間割を決めました。", EN: "The timetable of %s is set."},
	"cli.mode.hours.gone":     {JA: "%s の時間割をなくしました。", EN: "%s has no timetable any more."},
	"cli.mode.rings.done":     {JA: "%s は、%s のときに %s を鳴らします。", EN: "%s, %s: rings %s."},
	"cli.mode.rings.gone":     {JA: "%s は、%s のときに専用の設定がありません。", EN: "%s, %s: nothing of its own rings."},
	"cli.mode.mark.done":      {JA: "%s の扱い: %s", EN: "%s is %s."},
	"cli.mode.bad":            {JA: "その設定はできません: %s", EN: "that can't be set: %s"},
	"cli.mode.bad.do":         {JA: "sekisho mode --help に書き方があります。", EN: "sekisho mode --help shows how it is written."},
	"cli.mode.badspan":        {JA: "時間帯 %q を読めません (例: \"mon-fri 09:00-18:00 day\")", EN: "can't read the span %q (e.g. \"mon-fri 09:00-18:00 day\")"},
	"cli.mode.badmode":        {JA: "%q というモードはありません (day, night1, night2, holiday)", EN: "there is no mode %q (day, night1, night2, holiday)"},
	"cli.mode.badday":         {JA: "%q は closed・open・usual のどれでもありません", EN: "%q is none of closed, open, usual"},
	"cli.mode.badyear":        {JA: "年 %q を読めません", EN: "can't read the year %q"},
	"cli.mode.nonumber":       {JA: "番号 %s は、どの外線の番号でもありません", EN: "no line has the number %s"},
	"cli.mode.nonumber.do":    {JA: "sekisho line list で番号を確認できます。", EN: "sekisho line list shows the numbers."},
	"mode.day":                {JA: "昼", EN: "day"},
	"mode.night1":             {JA: "夜1", EN: "night 1"},
	"mode.night2":             {JA: "夜2", EN: "night 2"},
	"mode.holiday":            {JA: "休日", EN: "holiday"},
	"mode.auto":               {JA: "時間割どおり", EN: "by the timetable"},
	"mode.why.nothing":        {JA: "時間割なし", EN: "no timetable"},
	"mode.why.timetable":      {JA: "時間割", EN: "timetable"},
	"mode.why.person":         {JA: "切り替え", EN: "switched"},
	"mode.scope.unit":         {JA: "主装置全体", EN: "unit"},
	"day.closed":              {JA: "休み", EN: "closed"},
	"day.open":                {JA: "営業日", EN: "open"},
	"day.usual":               {JA: "暦どおり", EN: "as usual"},
	"cli.col.scope":           {JA: "番号", EN: "NUMBER"},
	"cli.col.mode":            {JA: "モード", EN: "MODE"},
	"cli.col.because":         {JA: "理由", EN: "WHY"},
	"cli.col.hours":           {JA: "時間割", EN: "TIMETABLE"},
	"cli.col.rings":           {JA: "鳴らす先", EN: "RINGS"},
	"cli.col.date":            {JA: "日付", EN: "DATE"},
	"cli.col.weekday":         {JA: "曜日", EN: "DAY"},
	"cli.col.as":              {JA: "扱い", EN: "IS"},
	"cli.example.hours":       {JA: "\"mon-fri 09:00-18:00 day\" \"sat 09:00-12:00 day\"", EN: "\"mon-fri 09:00-18:00 day\" \"sat 09:00-12:00 day\""},
	"cli.example.day":         {JA: "創立記念日", EN: "'founding day'"},
}
