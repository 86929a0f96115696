package text

// catalogSystem is what the system, the disk or the network said.
var catalogSystem = map[Key]Sentence{
	"system.at":              {JA: "%s: %s", EN: "%s: %s"},
	"system.other":           {JA: "詳細 (英語): %s", EN: "%s"},
	"system.address-in-use":  {JA: "このアドレスはほかのプログラムが使っています", EN: "the address is in use"},
	"system.no-such-address": {JA: "この機械にないアドレスです", EN: "this machine does not have the address"},
	"system.refused":         {JA: "接続を断られました", EN: "the connection was refused"},
	"system.disk-full":       {JA: "ディスクの空きがありません", EN: "the disk is full"},
	"system.read-only":       {JA: "読み取り専用です", EN: "it is read-only"},
	"system.is-folder":       {JA: "ファイルではなくフォルダーです", EN: "it is a folder, not a file"},
	"system.no-folder":       {JA: "フォルダーではありません", EN: "it is not a folder"},
	"system.name-too-long":   {JA: "名前が長すぎます", EN: "the name is too long"},
	"system.disk-broken":     {JA: "ディスクの読み書きに失敗しました", EN: "the disk failed to read or write"},
	"system.not-permitted":   {JA: "権限がありません", EN: "not permitted"},
	"system.not-there":       {JA: "見つかりません", EN: "it does not exist"},
	"system.too-late":        {JA: "時間内に終わりませんでした", EN: "it did not end in time"},
	"system.too-busy":        {JA: "書き込み待ちがいっぱいです", EN: "too many writes are waiting"},
	"system.not-writable":    {JA: "ディスクに書き込めません", EN: "the disk takes no writes"},
	"system.server":          {JA: "データベースのサーバーに書き込めません。サーバーの状態を確かめてください", EN: "the database server takes no writes; look what is the matter with it"},
	"system.closing":         {JA: "主装置は終わるところです", EN: "the unit is stopping"},
	"system.stranded": {
		JA: "起動のときデータの場所に書き込めませんでした。ディスクを直して再起動してください",
		EN: "the data directory took no writes when the unit started; mend the disk and start again",
	},
	"system.away": {
		JA: "起動のときデータベースのサーバーを使えず、手元の写しで動いています。サーバーが戻れば自動で切り替わります",
		EN: "the database server could not be used when the unit started: it runs on what it keeps beside it, and goes over by itself when the server is back",
	},
	"plan.groups":    {JA: "着信グループは %s 個までです", EN: "there can be at most %s groups"},
	"plan.members":   {JA: "着信グループ %s の内線は %s 個までです", EN: "group %s can have at most %s members"},
	"plan.routing":   {JA: "着信の設定は %s 件までです", EN: "there can be at most %s settings about incoming calls"},
	"plan.sites":     {JA: "拠点は %s か所までです", EN: "there can be at most %s other sites"},
	"plan.site.name": {JA: "拠点の名前 %s には小文字・数字・ハイフンで %s 文字まで使えます", EN: "site %s: use small letters, digits and hyphens, at most %s"},
	"plan.site.blocks": {
		JA: "拠点 %s の内線番号の範囲を 1 個から %s 個まで指定してください",
		EN: "site %s: give 1 to %s ranges of extensions",
	},
	"plan.site.taken": {
		JA: "範囲 %s は拠点 %s のものにできません。内線 %s が当拠点にあります",
		EN: "%s can't be of site %s: %s is a number here",
	},
	"plan.site.clash": {
		JA: "範囲 %s は拠点 %s のものにできません。拠点 %s の範囲と重なります",
		EN: "%s can't be of site %s: it overlaps with what site %s has",
	},
	"plan.speed":   {JA: "短縮番号は全部で %s 件までです", EN: "there can be at most %s places of speed dialing"},
	"plan.lines":   {JA: "外線は %s 本までです", EN: "there can be at most %s lines"},
	"plan.numbers": {JA: "外線 %s の電話番号は %s 個までです", EN: "line %s can have at most %s numbers"},
	"plan.ring":    {JA: "外線 %s の番号 %s で鳴らせる内線は %s 個までです", EN: "line %s: %s can ring at most %s extensions"},
}
