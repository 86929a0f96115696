package text

// catalogPage is what is said of phones that are spoken to without being answered.
var catalogPage = map[Key]Sentence{
	"cli.page":                {JA: "放送・インターホン (相手の電話機が自動で応答する呼出)", EN: "paging and intercom: calls that phones answer by themselves"},
	"cli.page.on":             {JA: "内線に、放送とインターホンを許す", EN: "let an extension page and use the intercom"},
	"cli.page.off":            {JA: "内線に、放送とインターホンを許さない", EN: "let it no more"},
	"cli.page.multicast":      {JA: "ゾーン (グループ番号、全体は unit) にはマルチキャストで放送する", EN: "speak to a zone (a group, or unit for all) by multicast"},
	"cli.page.multicast.done": {JA: "ゾーン %s には %s へマルチキャストで放送します。", EN: "Zone %s is spoken to by multicast, at %s."},
	"cli.page.unicast":        {JA: "ゾーンの電話機を一台ずつ呼び出して放送する", EN: "speak to a zone by a call to each of its phones"},
	"cli.page.nozone":         {JA: "ゾーン %s がありません (グループ番号か unit)", EN: "no zone %s: it is a group, or unit for all"},
	"cli.page.address":        {JA: "%q はマルチキャストのアドレスとポートではありません", EN: "%q is no multicast address with a port"},
	"cli.page.address.do":     {JA: "239.0.0.1:5004 のように、IPv4 のマルチキャストアドレスと 1024 以上のポートを書いてください。", EN: "Write an IPv4 multicast address and a port from 1024, as in 239.0.0.1:5004."},
	"cli.arg.zone":            {JA: "ゾーン", EN: "ZONE"},
	"cli.arg.address":         {JA: "アドレス:ポート", EN: "ADDRESS:PORT"},
	"service.page":            {JA: "放送・インターホン可", EN: "may page"},
	"service.multicast":       {JA: "マルチキャスト放送", EN: "paged by multicast"},
}
