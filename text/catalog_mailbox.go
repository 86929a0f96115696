package text

// catalogMailbox is what is said of mailboxes.
var catalogMailbox = map[Key]Sentence{
	"cli.mailbox": {JA: "留守番電話のメールボックスと伝言", EN: "voicemail: mailboxes and the messages in them"},
	"cli.mailbox.long": {
		JA: "どの内線にもメールボックスがあります。伝言を預かるのは、そう設定したときだけです (sekisho forward set、sekisho mode rings)。\n" +
			"聞くときは、その内線の電話機で *97 をダイヤルします。",
		EN: "Every extension has a mailbox. It takes calls only where somebody has said so: see sekisho forward set and\n" +
			"sekisho mode rings. Its messages are heard with *97 at a phone of the extension.",
	},
	"cli.mailbox.list":   {JA: "メールボックスの一覧", EN: "list the mailboxes"},
	"cli.mailbox.show":   {JA: "メールボックスの伝言の一覧", EN: "list the messages in a mailbox"},
	"cli.mailbox.export": {JA: "伝言を WAV ファイルに書き出す", EN: "write a message to a WAV file"},
	"cli.mailbox.export.long": {
		JA: "だれがいつ書き出したかは証跡に残ります。新しい伝言は、書き出しても新しいままです。",
		EN: "Who took a copy, and when, is on record. A new message stays new.",
	},
	"cli.mailbox.delete":       {JA: "伝言を消す", EN: "delete a message"},
	"cli.mailbox.exported":     {JA: "%s に書き出しました (%d 秒)。", EN: "Written to %s, %d seconds."},
	"cli.mailbox.deleted":      {JA: "伝言 %s を消しました。", EN: "Message %s is deleted."},
	"cli.mailbox.nomessage":    {JA: "伝言 %s はありません", EN: "there is no message %s"},
	"cli.mailbox.nomessage.do": {JA: "sekisho mailbox show 内線 で確認できます。", EN: "sekisho mailbox show EXT lists them."},
	"cli.mailbox.exists":       {JA: "%s はもうあります。別の名前を指定してください", EN: "%s exists already; give another name"},
	"cli.mailbox.nofile":       {JA: "ファイルを作れません: %v", EN: "can't make the file: %v"},
	"cli.arg.message":          {JA: "伝言のID", EN: "MESSAGE"},
	"cli.col.new":              {JA: "新しい伝言", EN: "NEW"},
	"cli.col.heard":            {JA: "聞いた伝言", EN: "HEARD"},
	"cli.col.last":             {JA: "最後の伝言", EN: "LAST"},
	"cli.col.left":             {JA: "日時", EN: "LEFT"},
	"cli.col.heardat":          {JA: "聞いた日時", EN: "HEARD"},
}
