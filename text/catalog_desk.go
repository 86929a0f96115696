package text

// catalogDesk is what is said of phones that anybody may log in at.
var catalogDesk = map[Key]Sentence{
	"cli.desk":            {JA: "フリーアドレス (だれでもログインして使える電話機)", EN: "hot desks: phones that anybody may log in at"},
	"cli.desk.set":        {JA: "内線の電話機を、だれでもログインして使えるようにする", EN: "have the phones of an extension be for anybody to log in at"},
	"cli.desk.off":        {JA: "ふつうの電話機に戻す", EN: "have them be phones like others again"},
	"cli.desk.logout":     {JA: "ログアウトさせる", EN: "log out who is at a phone"},
	"cli.desk.list":       {JA: "電話機と、ログインしている人の一覧", EN: "list these phones, and who is there"},
	"cli.desk.flag.until": {JA: "毎日この時刻に全員をログアウトさせる (例: 20:00)", EN: "log everybody out there each day at this time (e.g. 20:00)"},
	"cli.desk.done": {
		JA: "内線 %s の電話機は、ログインするまで内線と緊急通報だけに使えます。",
		EN: "The phones of extension %s call only inside, and emergency numbers, until somebody logs in.",
	},
	"cli.desk.nobody":    {JA: "電話機 %s には、だれもログインしていません", EN: "nobody is logged in at phone %s"},
	"cli.desk.nobody.do": {JA: "sekisho desk list で確かめてください", EN: "see sekisho desk list"},
	"cli.col.who":        {JA: "ログイン中", EN: "LOGGED IN"},
	"cli.col.logout":     {JA: "ログアウト", EN: "LOG-OUT"},
	"service.desk":       {JA: "フリーアドレス", EN: "hot desk"},
}
