package text

// catalogPrompt is what is said of announcements, and of sound that commands take.
var catalogPrompt = map[Key]Sentence{
	"cli.prompt": {JA: "案内の文句を自社の録音や文章に差し替える", EN: "announcements: your own recordings in place of the unit's"},
	"cli.prompt.long": {
		JA: "主装置が流す案内は、日本語・英語とも自社の録音 (--wav) や文章の読み上げ (--say) に差し替えられます。\n" +
			"読み上げは、このコマンドを実行した機械の Open JTalk (日本語) と flite (英語) で行い、主装置には音声だけを渡します。\n" +
			"差し替えは記録に残り、remove で元の案内に戻ります。",
		EN: "Whatever the unit says, in Japanese or in English, can be a recording of yours (--wav) or a text that is spoken (--say).\n" +
			"Texts are spoken by Open JTalk (Japanese) or flite (English) of the machine that this command runs on; the unit gets\n" +
			"the sound alone. What is replaced is on record, and remove brings back what the unit said before.",
	},
	"cli.prompt.list":       {JA: "案内の一覧。差し替えたものが先", EN: "list the announcements, your own first"},
	"cli.prompt.set":        {JA: "案内を差し替える", EN: "replace an announcement"},
	"cli.prompt.remove":     {JA: "元の案内に戻す", EN: "bring back what the unit says by itself"},
	"cli.prompt.export":     {JA: "案内を WAV に書き出す", EN: "write an announcement to a WAV"},
	"cli.prompt.say":        {JA: "文章を読み上げて WAV に書き出す", EN: "speak a text into a WAV"},
	"cli.prompt.say.long":   {JA: "差し替える前に聞いて確かめるためのものです。主装置は使いません。読み方が違う語は、かなで書いてください。", EN: "To hear it before anybody else does. It needs no unit. Write what is read wrong in kana."},
	"cli.prompt.flag.words": {JA: "数字や曜日など、つないで使う語も表示する", EN: "the words, too, that numbers and dates are put together of"},
	"cli.prompt.arg.prompt": {JA: "案内", EN: "NAME"},
	"cli.prompt.arg.text":   {JA: "文章", EN: "TEXT"},
	"cli.prompt.done":       {JA: "案内 %s (%s) を差し替えました。", EN: "Announcement %s (%s) is replaced."},
	"cli.prompt.gone":       {JA: "案内 %s (%s) を元に戻しました。", EN: "Announcement %s (%s) is the unit's own again."},
	"cli.prompt.none":       {JA: "案内 %s (%s) はありません", EN: "there is no announcement %s (%s)"},
	"cli.prompt.none.do":    {JA: "sekisho prompt list で確認できます。", EN: "sekisho prompt list shows them."},
	"cli.prompt.notown":     {JA: "案内 %s は差し替えられていません", EN: "announcement %s is not replaced"},
	"cli.prompt.length":     {JA: "案内 %s は %s 秒までです", EN: "announcement %s may take %s seconds at most"},
	"cli.sound.flag.wav":    {JA: "録音 (16 または 24 ビットの WAV)", EN: "a recording: WAV of 16 or 24 bits"},
	"cli.sound.flag.say":    {JA: "読み上げる文章", EN: "a text that is spoken"},
	"cli.sound.flag.in":     {JA: "案内の言語 (ja, en)", EN: "the language that callers hear: ja, en"},
	"cli.sound.missing":     {JA: "文章を読み上げるソフトがありません (%s)", EN: "what speaks texts is not installed: %s"},
	"cli.sound.missing.do":  {JA: "apt install でそのパッケージを入れるか、--wav で録音を指定してください。", EN: "Install those packages with apt, or give a recording with --wav."},
	"cli.sound.language":    {JA: "%q は読み上げられません (ja または en)", EN: "nobody speaks %q here: ja or en"},
	"cli.sound.text":        {JA: "読み上げる文がないか、%s 文字を超えています", EN: "there is nothing to say, or more than %s characters"},
	"cli.sound.unsaid":      {JA: "読み上げられませんでした: %v", EN: "could not be spoken: %v"},
	"cli.sound.wav":         {JA: "録音 %s を読めません: %v", EN: "can't read the recording %s: %v"},
	"cli.sound.wav.do":      {JA: "16 または 24 ビットの WAV を指定してください。", EN: "Give a WAV of 16 or 24 bits."},
	"cli.sound.both":        {JA: "--wav と --say は、どちらか一方だけを指定してください", EN: "give --wav or --say, not both"},
	"cli.sound.none":        {JA: "--wav に録音を、または --say に読み上げる文を指定してください", EN: "give a recording with --wav, or a text with --say"},
	"cli.sound.exported":    {JA: "%s に書き出しました (%d 秒)。", EN: "Written to %s, %d seconds."},
	"cli.sound.exists":      {JA: "%s はもうあります。別の名前を指定してください", EN: "%s exists already; give another name"},
	"cli.sound.nofile":      {JA: "ファイルを作れません: %v", EN: "can't make the file: %v"},
	"cli.col.prompt":        {JA: "案内", EN: "NAME"},
	"cli.col.language":      {JA: "言語", EN: "LANGUAGE"},
	"cli.col.own":           {JA: "差し替え", EN: "REPLACED"},
}
