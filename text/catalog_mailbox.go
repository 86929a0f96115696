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
	"cli.mailbox.deleted":      {JA: "伝言 %s を消しました。", EN: "Message %s is deleted."},
	"cli.mailbox.nomessage":    {JA: "伝言 %s はありません", EN: "there is no message %s"},
	"cli.mailbox.nomessage.do": {JA: "sekisho mailbox show 内線 で確認できます。", EN: "sekisho mailbox show EXT lists them."},
	"cli.mailbox.greeting":     {JA: "応答の案内を決める", EN: "set what a mailbox says to callers"},
	"cli.mailbox.greeting.long": {
		JA: "内線の電話機からも録音できます: *97 のあと 0。",
		EN: "It can be recorded at a phone of the extension, too: *97, then 0.",
	},
	"cli.mailbox.greeting.usual":   {JA: "標準", EN: "usual"},
	"cli.mailbox.greeting.own":     {JA: "%d 秒", EN: "%d s"},
	"cli.mailbox.greeting.which":   {JA: "--wav、--say、--usual のどれか一つを指定してください", EN: "give one of --wav, --say and --usual"},
	"cli.mailbox.greeting.done":    {JA: "内線 %s の応答の案内を決めました。", EN: "The greeting of extension %s is set."},
	"cli.mailbox.greeting.gone":    {JA: "内線 %s の応答を標準の案内に戻しました。", EN: "Extension %s has the usual greeting again."},
	"cli.mailbox.greeting.toolong": {JA: "案内が %s 秒より長いか、全体の上限を超えます", EN: "the greeting is longer than %s seconds, or there are too many"},
	"cli.mailbox.flag.usual":       {JA: "標準の案内に戻す", EN: "back to the usual greeting"},
	"cli.col.greeting":             {JA: "応答", EN: "GREETING"},
	"cli.mailbox.pin":              {JA: "外から聞くための暗証番号を作る", EN: "draw a PIN by which a mailbox is heard from elsewhere"},
	"cli.mailbox.pin.long": {
		JA: "暗証番号があると、*98 でほかの内線から、また mailboxes を鳴らす番号で外から、このメールボックスを聞けます。\n" +
			"自分の内線の電話機で *97 を使うときは要りません。--remove でなくすと、ほかからは聞けなくなります。",
		EN: "With a PIN the mailbox is heard from other extensions with *98, and from outside where a number rings\n" +
			"\"mailboxes\". Phones of its own extension need none with *97. Without a PIN (--remove) it is heard there alone.",
	},
	"cli.mailbox.flag.remove": {JA: "暗証番号をなくす", EN: "take the PIN away"},
	"cli.mailbox.pin.done":    {JA: "内線 %s のメールボックスの暗証番号: %s", EN: "PIN of the mailbox of extension %s: %s"},
	"cli.mailbox.pin.gone":    {JA: "内線 %s のメールボックスは、自分の電話機でだけ聞けます。", EN: "The mailbox of extension %s is heard at its own phones only."},
	"cli.mailbox.unlock":      {JA: "続けて間違えられた暗証番号を、また使えるようにする", EN: "let a PIN be used again that was wrong too often"},
	"cli.mailbox.unlocked":    {JA: "内線 %s のメールボックスの暗証番号を、また使えるようにしました。", EN: "The PIN of the mailbox of extension %s can be used again."},
	"cli.mailbox.nopin":       {JA: "内線 %s のメールボックスには暗証番号がありません", EN: "the mailbox of extension %s has no PIN"},
	"cli.mailbox.nopin.do":    {JA: "sekisho mailbox pin 内線 で作れます。", EN: "sekisho mailbox pin EXT draws one."},
	"cli.mailbox.keep":        {JA: "伝言を消すまでの日数を決める", EN: "set after how many days messages are deleted"},
	"cli.mailbox.keep.long": {
		JA: "決めなければ、だれかが消すまで残ります。off で決めたものをなくします。\n" +
			"--extension を付けると、その内線だけの日数になります。",
		EN: "Without it they stay until somebody deletes them; off takes it back. With --extension it is of that mailbox alone.",
	},
	"cli.mailbox.arg.days":       {JA: "日数", EN: "DAYS"},
	"cli.mailbox.flag.extension": {JA: "この内線だけ", EN: "of this extension alone"},
	"cli.mailbox.keep.bad":       {JA: "%q は日数でも off でもありません", EN: "%q is no number of days, nor off"},
	"cli.mailbox.keep.days":      {JA: "日数は %s までです", EN: "at most %s days"},
	"cli.mailbox.keep.done":      {JA: "日数を決めました。伝言はそのあと 1 時間以内に消えます。", EN: "Set. Messages are deleted within an hour after that."},
	"cli.mailbox.keep.off":       {JA: "日数をなくしました。", EN: "Taken back."},
	"cli.mailbox.mail":           {JA: "伝言をメールで知らせる", EN: "send mails about messages"},
	"cli.mailbox.mail.long": {
		JA: "伝言が残されると、設定の [alerts.mail] のサーバーを通してメールを送ります。メールには相手、日時、長さと、\n" +
			"伝言の音声 (WAV) が付きます。--delete-after を付けると、サーバーが音声付きのメールを受け取ったあとで、\n" +
			"メールボックスの伝言を消します。",
		EN: "When a message is left, a mail goes out through the server of [alerts.mail] in the settings. It says who called,\n" +
			"when and how long, and has the sound as a WAV. With --delete-after a message leaves the mailbox once the server\n" +
			"has taken its mail with the sound.",
	},
	"cli.mailbox.mail.done":    {JA: "内線 %s の伝言を %s へ送ります。", EN: "Messages for extension %s are sent to %s."},
	"cli.mailbox.mail.off":     {JA: "内線 %s の伝言はメールで送りません。", EN: "Messages for extension %s are not sent by mail."},
	"cli.mailbox.mail.which":   {JA: "メールアドレスか --off のどちらかを指定してください", EN: "give an address or --off"},
	"cli.mailbox.mail.attach":  {JA: "--attach は yes か no です: %q", EN: "--attach is yes or no, not %q"},
	"cli.mailbox.mail.address": {JA: "%q はメールアドレスではありません", EN: "%q is no mail address"},
	"cli.mailbox.mail.lost": {
		JA: "音声を付けずにメールを送って伝言を消すと、だれも聞けなくなります",
		EN: "a message that is deleted after a mail without its sound is lost",
	},
	"cli.mailbox.mail.none": {JA: "メールのサーバーが設定されていません", EN: "no mail server is configured"},
	"cli.mailbox.mail.none.do": {
		JA: "設定の [alerts.mail] にサーバー、差出人、宛先を書き、sekisho を再起動してください。",
		EN: "Set server, from and to in [alerts.mail] of the settings and restart sekisho.",
	},
	"cli.mailbox.flag.attach":     {JA: "伝言の音声を付けるか: yes, no", EN: "whether the mail has the sound: yes, no"},
	"cli.mailbox.flag.delete":     {JA: "メールが送られたら伝言を消す", EN: "delete a message once its mail is sent"},
	"cli.mailbox.flag.off":        {JA: "メールを送らない", EN: "send no mails any more"},
	"cli.mailbox.arg.address":     {JA: "アドレス", EN: "ADDRESS"},
	"cli.mailbox.mailed.due":      {JA: "送信待ち", EN: "due"},
	"cli.mailbox.mailed.taken":    {JA: "送信済み", EN: "sent"},
	"cli.mailbox.mailed.given-up": {JA: "送れず", EN: "given up"},
	"cli.col.mail":                {JA: "メール", EN: "MAIL"},
	"check.mail":                  {JA: "伝言のメール: 送信待ち %s 通", EN: "mails about messages: %s are due"},
	"check.mail.none": {
		JA: "伝言をメールで送る内線がありますが、メールのサーバーが設定されていません ([alerts.mail])",
		EN: "messages are to be sent by mail, and no mail server is configured ([alerts.mail])",
	},
	"check.mail.failing": {
		JA: "伝言のメールが送れていません。送信待ち %s 通、続けて %s 回失敗。[alerts.mail] とログを確かめてください",
		EN: "mails about messages do not go out: %s are due, %s tries in a row failed. See [alerts.mail] and the log",
	},
	"mail.message.title": {JA: "【伝言】内線 %s: %sから (%s)", EN: "Message for extension %s from %s (%s)"},
	"mail.message": {
		JA: "内線 %s に伝言が残されました。\n\n相手: %s\n日時: %s (日本時間)\n長さ: %s",
		EN: "A message was left for extension %s.\n\nFrom: %s\nWhen: %s (Japan)\nLength: %s",
	},
	"mail.message.named":    {JA: "%s (%s)", EN: "%s (%s)"},
	"mail.message.hidden":   {JA: "番号非通知", EN: "a caller who shows no number"},
	"mail.message.attached": {JA: "伝言は添付の音声で聞けます。メールボックスにも残っています。", EN: "The sound is attached. The message is in the mailbox, too."},
	"mail.message.moved":    {JA: "伝言は添付の音声で聞けます。メールボックスからは消えます。", EN: "The sound is attached. The message leaves the mailbox."},
	"mail.message.without":  {JA: "伝言はメールボックスで聞けます。", EN: "The message can be heard in the mailbox."},
	"mail.message.too-long": {
		JA: "伝言が長く、音声は付けられませんでした。メールボックスで聞けます。",
		EN: "The message is too long for its sound to be attached. It can be heard in the mailbox.",
	},
	"cli.col.pin":     {JA: "暗証番号", EN: "PIN"},
	"cli.arg.message": {JA: "伝言のID", EN: "MESSAGE"},
	"cli.col.new":     {JA: "新しい伝言", EN: "NEW"},
	"cli.col.heard":   {JA: "聞いた伝言", EN: "HEARD"},
	"cli.col.last":    {JA: "最後の伝言", EN: "LAST"},
	"cli.col.left":    {JA: "日時", EN: "LEFT"},
	"cli.col.heardat": {JA: "聞いた日時", EN: "HEARD"},
}
