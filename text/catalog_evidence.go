package text

// catalogEvidence is what verification finds in the log, in its checkpoints
// and in the state.
var catalogEvidence = map[Key]Sentence{
	"evidence.leaf.missing":     {JA: "記録がありません。次に残っているのは記録 %s です", EN: "it is missing; the next one stored is leaf %s"},
	"evidence.leaf.signed-away": {JA: "記録がありません。%s 件まであったことが署名されています", EN: "it is missing; a checkpoint was signed at %s leaves"},
	"evidence.leaf.hash-left":   {JA: "記録がありません。ハッシュ表にはその続き (ハッシュ %s) があります", EN: "it is missing; the hash table goes on to hash %s"},
	"evidence.leaf.form":        {JA: "記録の形式が壊れています", EN: "it is not in the form in which leaves are written"},
	"evidence.leaf.version":     {JA: "記録の版 %s は分かりません", EN: "its version %s is not known"},
	"evidence.leaf.unit":        {JA: "ほかの主装置の記録です", EN: "it is of another unit"},
	"evidence.leaf.place":       {JA: "記録自身は、自分を記録 %s だとしています", EN: "it says itself that it is leaf %s"},
	"evidence.leaf.kind":        {JA: "記録の種類は %s ですが、表では %s になっています", EN: "it is of kind %s, its row says %s"},
	"evidence.leaf.body":        {JA: "記録の本文が書き換えられています", EN: "its body is not the one that was written"},
	"evidence.leaf.unread":      {JA: "種類 %s の本文を読めません", EN: "its body can't be read as one of kind %s"},
	"evidence.leaf.cause":       {JA: "自分より後の記録を原因としています", EN: "it names a later leaf as its cause"},
	"evidence.leaf.subject":     {JA: "記録の対象は「%s」ですが、表では「%s」になっています", EN: `it is about "%s", its row says "%s"`},
	"evidence.leaf.fields":      {JA: "個人に関する項目の形式が壊れています", EN: "its personal fields are not in the form in which they are written"},
	"evidence.leaf.field":       {JA: "個人に関する項目「%s」が書き換えられています", EN: `its personal field "%s" is not the one that was written`},
	"evidence.leaf.hash":        {JA: "記録とハッシュ表のハッシュが一致しません", EN: "it and its hash in the hash table disagree"},
	"evidence.leaf.hash-none":   {JA: "ハッシュ表にハッシュ %s がありません", EN: "hash %s of the hash table is missing"},
	"evidence.leaf.unfounded":   {JA: "これより前の記録と矛盾します (%s)", EN: "it does not follow from the leaves before it: %s"},

	"evidence.tree.table": {JA: "この記録のところでハッシュ表のハッシュが書き換えられています", EN: "a hash of the hash table stored with it was changed"},
	"evidence.tree.leaf":  {JA: "記録がそのハッシュごと書き換えられています。上位のハッシュとは一致しません", EN: "it was changed with its own hash, but not with the hashes above it"},
	"evidence.tree.apart": {JA: "記録とハッシュ表が一致しません", EN: "the leaves and the hash table disagree"},

	"evidence.checkpoint.root":   {JA: "%s 件での署名と一致しません。%s 件での署名とは一致します", EN: "the checkpoint at %s leaves disagrees, the one at %s agrees"},
	"evidence.checkpoint.forged": {JA: "この主装置の鍵による署名ではありません", EN: "it is not signed with the unit's key"},
	"evidence.checkpoint.form":   {JA: "署名はありますが、読めません", EN: "it is signed, but can't be read"},

	"evidence.gone":    {JA: "データベースがありません", EN: "the database is missing"},
	"evidence.damaged": {JA: "データベースが壊れていて、ここから先を読めません", EN: "the database is damaged and can't be read from here on"},
	"evidence.tables":  {JA: "データベースの表が、この版の Sekisho のものではありません", EN: "the tables of the database are not those of this version of Sekisho"},

	"evidence.row.rates":          {JA: "料金が取り込んだものではありません", EN: "the rates are not those that were imported"},
	"evidence.table.tariff":       {JA: "料金表", EN: "tariff"},
	"evidence.table.tariff_rates": {JA: "料金", EN: "rates"},

	"evidence.row":              {JA: "%s %s: %s", EN: "%s %s: %s"},
	"evidence.row.invented":     {JA: "どの記録にもありません", EN: "no leaf tells of it"},
	"evidence.row.missing":      {JA: "記録にはありますが、消えています", EN: "leaves tell of it, but it is missing"},
	"evidence.row.column":       {JA: "項目「%s」が記録と一致しません", EN: `column "%s" is not what the leaves say`},
	"evidence.row.secret":       {JA: "パスワードが設定したものではありません", EN: "the secret is not the one that was set"},
	"evidence.row.nothing":      {JA: "対象がないか、すでにあります", EN: "what it tells of is not there, or was there already"},
	"evidence.table.account":    {JA: "予算の口座", EN: "account"},
	"evidence.table.budget":     {JA: "予算の上限", EN: "budget"},
	"evidence.table.call":       {JA: "通話", EN: "call"},
	"evidence.table.claim":      {JA: "持ち主の登録", EN: "claim"},
	"evidence.table.line":       {JA: "外線", EN: "line"},
	"evidence.table.opening":    {JA: "国際電話の許可", EN: "opening"},
	"evidence.table.phone":      {JA: "電話機", EN: "phone"},
	"evidence.table.pin":        {JA: "暗証番号", EN: "PIN"},
	"evidence.table.policy":     {JA: "関所の設定の変更", EN: "change of the policy"},
	"evidence.table.quarantine": {JA: "隔離", EN: "quarantine"},
	"evidence.table.ring_group": {JA: "着信グループ", EN: "ring group"},
	"evidence.table.routing":    {JA: "着信先の設定", EN: "setting for incoming calls"},
	"evidence.table.alert_last": {JA: "通報の送信", EN: "alert"},
}
