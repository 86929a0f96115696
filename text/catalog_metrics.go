package text

// catalogMetrics explains the unit's figures to whoever operates it: what a
// figure says, and under ".do" what to do when it is not as it should be.
var catalogMetrics = map[Key]Sentence{
	"cli.metrics": {JA: "監視の指標を Prometheus の形式で表示", EN: "print the unit's figures in Prometheus's format"},
	"cli.metrics.flag.explain": {
		JA: "指標の意味と対処を表示 (主装置が動いていなくても使えます)", EN: "explain each figure and what to do about it (needs no running unit)",
	},

	"metric.page.title": {JA: "監視の指標", EN: "Metrics"},
	"metric.page.intro": {
		JA: "主装置の状態を Prometheus の形式で示します。管理プレーンの待ち受け (設定の management.listen) の GET /metrics、" +
			"または `sekisho metrics` で読めます。電話の網からは読めません。どの指標にも、電話番号や利用者名は現れません。\n\n" +
			"`_total` で終わる指標は主装置の起動から増え続けます。増え方は rate() で見てください。",
		EN: "The state of the unit in Prometheus's format: GET /metrics on the listeners of the management plane " +
			"(management.listen in the configuration), or `sekisho metrics`. It can't be read from the voice plane. " +
			"No figure holds a phone number or a user.\n\n" +
			"Figures that end in `_total` rise from the start of the unit; look at their rate().",
	},
	"metric.page.labels":  {JA: "ラベル", EN: "labels"},
	"metric.page.runtime": {JA: "go_ と process_", EN: "go_ and process_"},
	"metric.page.runtime.says": {
		JA: "Go の実行環境とプロセスの指標です。process_resident_memory_bytes、process_open_fds、go_goroutines は、" +
			"通話の数に比例し、通話が終われば戻ります。1 日の底が日ごとに上がるときは漏れの疑いがあります。" +
			"go_gc_duration_seconds の最大が 5 ミリ秒を超え続けるときは、CPU が足りません。",
		EN: "The Go runtime's and the process's own. process_resident_memory_bytes, process_open_fds and go_goroutines follow " +
			"the number of calls and go back with them: a daily low that rises from day to day is a leak. " +
			"A go_gc_duration_seconds whose maximum stays above 5 ms says that there is too little CPU.",
	},

	"metric.sekisho_info": {JA: "主装置の版。値は常に 1 です。", EN: "The unit's version; the value is always 1."},
	"metric.sekisho_info.do": {
		JA: "更新のあとで版が変わったことを確かめるのに使います。",
		EN: "Shows that an update arrived.",
	},
	"metric.sekisho_claimed": {
		JA: "持ち主が登録されていれば 1。0 の間は内線と緊急通報だけが使えます。",
		EN: "1 once the owner has claimed the unit. While 0, internal and emergency calls only.",
	},
	"metric.sekisho_claimed.do": {JA: "0 なら sekisho claim で登録します。", EN: "If 0, claim it: sekisho claim."},
	"metric.sekisho_calls_up":   {JA: "いま続いている通話の数 (呼び出し中を含む)。", EN: "Calls under way now, ringing ones included."},
	"metric.sekisho_calls_up.do": {
		JA: "夜間に 0 へ戻らないときは sekisho calls --live で相手を確かめます。",
		EN: "If it does not fall to 0 at night, see who is calling: sekisho calls --live.",
	},
	"metric.sekisho_calls_begun_total": {
		JA: "始まった通話の数。direction は internal (内線)、outgoing (外線発信)、incoming (外線着信)。",
		EN: "Calls begun; direction is internal, outgoing or incoming.",
	},
	"metric.sekisho_calls_begun_total.do": {
		JA: "営業時間外に outgoing が増えるときは、だれが発信しているかを確かめます。",
		EN: "If outgoing rises outside office hours, find out who calls.",
	},
	"metric.sekisho_gate_verdicts_total": {
		JA: "関所の判定の数。verb は pass (通した)、refuse (断った)、challenge (暗証番号を求める)。",
		EN: "The gate's verdicts; verb is pass, refuse or challenge (a PIN is asked for).",
	},
	"metric.sekisho_gate_verdicts_total.do": {
		JA: "refuse が急に増えたら不正発信の試みを疑い、sekisho calls で内線と端末を確かめます。",
		EN: "A sudden rise of refuse may be an attempt at toll fraud: see extension and device with sekisho calls.",
	},
	"metric.sekisho_gate_verdict_seconds": {
		JA: "外線への発信が判定を求めてから、その判定がディスクに残るまでの時間。",
		EN: "From an outside call's question to its verdict on disk.",
	},
	"metric.sekisho_gate_verdict_seconds.do": {
		JA: "そのまま発信の遅れになります。50 ミリ秒を超えるときはディスクが遅いか、ほかの仕事で塞がっています。",
		EN: "It delays the call by as much. Above 50 ms the disk is slow or busy with other work.",
	},
	"metric.sekisho_gate_records_behind": {
		JA: "まだディスクに残せていない判定の数 (断った通話と緊急通報)。",
		EN: "Verdicts that are not on disk yet (refusals and emergency calls).",
	},
	"metric.sekisho_gate_records_behind.do": {
		JA: "数秒で 0 に戻らなければ、ディスクに書けているかを sekisho doctor で確かめます。",
		EN: "If it is not back to 0 within seconds, ask sekisho doctor whether the disk takes writes.",
	},
	"metric.sekisho_tempo_opinions_total": {
		JA: "外線発信が事業所のふだんの使い方と違うかどうかの見立ての数。level は quiet (兆候なし)、noted (記録のみ)、" +
			"challenge (本人確認が必要)、cut (不正利用)。",
		EN: "Opinions on outside calls, beside how the office telephones. level is quiet (no sign), noted (for the record), " +
			"challenge (the caller should prove more) or cut (fraud).",
	},
	"metric.sekisho_tempo_opinions_total.do": {
		JA: "cut が 1 件でもあれば、その内線は隔離されています。challenge が続くときは sekisho gate signs で理由を確かめます。",
		EN: "Even one cut has set an extension apart. If challenges keep coming, see why with sekisho gate signs.",
	},
	"metric.sekisho_tempo_signs_total": {
		JA: "見つかった兆候の数。sign は兆候の名前 (sekisho gate signs に文で出ます)、strength は weak (弱い) か strong (強い)。",
		EN: "Signs seen. sign is its name (sekisho gate signs says it in a sentence), strength is weak or strong.",
	},
	"metric.sekisho_tempo_signs_total.do": {
		JA: "strong が急に増えた兆候を sekisho gate signs で確かめます。silent が多いときは、電話機の音声が主装置に届いているかを見ます。",
		EN: "Look into a sign whose strong ones rise with sekisho gate signs. If silent is frequent, see whether the phones' voice " +
			"reaches the unit.",
	},
	"metric.sekisho_phones_registered": {JA: "いま登録している電話機の数。", EN: "Phones registered now."},
	"metric.sekisho_phones_registered.do": {
		JA: "急に減ったときは、電話機の網か電源を疑います。",
		EN: "A sudden fall points at the phones' network or power.",
	},
	"metric.sekisho_contacts": {JA: "登録されている連絡先 (電話機 1 台に複数ありえます) の数。", EN: "Contacts registered; one phone may have several."},
	"metric.sekisho_contacts.do": {
		JA: "電話機の数より明らかに多いときは、同じアカウントが別の場所でも使われていないか sekisho phone list で確かめます。",
		EN: "If clearly above the number of phones, see with sekisho phone list whether an account is used elsewhere too.",
	},
	"metric.sekisho_line_up":    {JA: "外線が使えれば 1。", EN: "1 while the line can be used."},
	"metric.sekisho_line_up.do": {JA: "0 なら sekisho line list が理由を示します。", EN: "If 0, sekisho line list says why."},
	"metric.sekisho_site_up":    {JA: "他拠点とつながっていれば 1。", EN: "1 while the other site answers."},
	"metric.sekisho_site_up.do": {JA: "0 なら sekisho site list が理由を示します。", EN: "If 0, sekisho site list says why."},
	"metric.sekisho_line_channels": {
		JA: "外線のチャネル数。",
		EN: "Channels of the line.",
	},
	"metric.sekisho_line_channels.do": {JA: "契約の数と合っているかを確かめます。", EN: "Compare it with the contract."},
	"metric.sekisho_line_channels_used": {
		JA: "使われているチャネルの数。",
		EN: "Channels of the line in use.",
	},
	"metric.sekisho_queue_waiting": {
		JA: "待ち行列で待っている人の数。",
		EN: "Callers that wait in a queue.",
	},
	"metric.sekisho_queue_waiting.do": {
		JA: "待つ人が続くなら担当者を増やします。sekisho queue agents で、席を外している担当者がいないか確かめます。",
		EN: "If callers often wait, more agents are needed. See with sekisho queue agents whether some are away.",
	},
	"metric.sekisho_queue_longest_wait": {
		JA: "いま先頭で待っている人が待っている時間 (秒)。",
		EN: "How long whoever is next in a queue has waited, in seconds.",
	},
	"metric.sekisho_queue_longest_wait.do": {
		JA: "待ち時間の上限 (sekisho queue set --wait) に近づくと、その人はあふれ先に回されます。",
		EN: "Near the longest wait (sekisho queue set --wait) the caller goes on to where the group overflows to.",
	},
	"metric.sekisho_queue_agents_free": {
		JA: "電話を受けられる担当者の数。",
		EN: "Agents of a queue that could take a call now.",
	},
	"metric.sekisho_queue_agents_free.do": {
		JA: "待つ人がいるのに 0 より多いままなら、担当者の電話機が鳴っているかを確かめます。",
		EN: "If it stays above 0 while callers wait, see whether the agents' phones ring.",
	},
	"metric.sekisho_queue_calls_total": {
		JA: "待ち行列に来た電話の数。結果 (end) ごと。",
		EN: "Calls that came to a queue, by what became of them (end).",
	},
	"metric.sekisho_queue_calls_total.do": {
		JA: "abandoned (待ちきれずに切った) と too-long、full が増えるなら担当者が足りません。nobody は、ログインしている担当者がいなかった電話です。",
		EN: "If abandoned, too-long and full rise, there are too few agents. With nobody, no agent was logged in.",
	},
	"metric.sekisho_queue_answered_in_time_total": {
		JA: "目標の時間 (sekisho queue set --level) のうちに担当者が出た電話の数。",
		EN: "Calls that an agent answered as soon as is aimed at (sekisho queue set --level).",
	},
	"metric.sekisho_queue_answered_in_time_total.do": {
		JA: "sekisho_queue_calls_total の answered との比が、サービスレベルです。",
		EN: "Its share of the answered ones of sekisho_queue_calls_total is the service level.",
	},
	"metric.sekisho_line_channels_used.do": {
		JA: "よくチャネル数に達するなら契約の追加を考えます。通話がないのに 0 に戻らないときは不具合です。",
		EN: "If it often reaches the number of channels, think of more. If it does not return to 0 without calls, it is a fault.",
	},
	"metric.sekisho_sip_messages_total": {JA: "SIP メッセージの数。direction は in と out。", EN: "SIP messages; direction is in or out."},
	"metric.sekisho_sip_messages_total.do": {
		JA: "通話や電話機の数に見合わない in は、外からの探索や妨害です。",
		EN: "In beyond what calls and phones explain is scanning or a flood.",
	},
	"metric.sekisho_sip_dropped_total": {
		JA: "答えずに捨てたものの数。why は junk (SIP でない)、unanswerable (壊れた応答)、stray (心当たりのない応答)、" +
			"stranger (知らない相手)、overflow (待ち行列が満杯)、unsent (送れなかった)、limited (知らない相手が多すぎる頻度で尋ねた)、" +
			"amplified (答えが問いの 1.5 倍を超え、第三者への攻撃に使われかねない)。",
		EN: "What was dropped without an answer. why is junk (no SIP), unanswerable (broken responses), stray (responses to nothing " +
			"of ours), stranger (from nobody we know), overflow (a queue was full), unsent (could not be sent), limited " +
			"(strangers that ask too often), amplified (an answer above 1.5 times its question, which could be aimed at others).",
	},
	"metric.sekisho_sip_dropped_total.do": {
		JA: "overflow が増えるときは能力を超えています。junk、stranger、limited は攻撃者の仕業で、主装置は何も失いません。",
		EN: "A rise of overflow means more work than the unit can do. junk, stranger and limited are attackers, and cost nothing " +
			"but time.",
	},
	"metric.sekisho_sip_refused_total": {
		JA: "断ったリクエストの数。why は malformed (書式の誤り)、challenged (認証を求めた。正常です)、authentication (パスワードの誤り)、" +
			"disabled (使用停止中の電話機)、overload (過負荷による 503)、line_guard (電話機から外線の装置へ送ろうとした)。",
		EN: "Requests refused. why is malformed, challenged (asked to authenticate: ordinary), authentication (a wrong password), " +
			"disabled (by a phone that is taken out of use), overload (a 503), line_guard (a phone's message was aimed at a line's equipment).",
	},
	"metric.sekisho_sip_refused_total.do": {
		JA: "authentication が続くときは総当たりです。overload は能力不足か妨害、line_guard は 1 件でも調べてください。",
		EN: "Steady authentication failures are a brute-force attack. overload is a flood or too little machine; " +
			"look into line_guard even if it is 1.",
	},
	"metric.sekisho_sip_retransmissions_total": {
		JA: "再送の数。by は us (主装置から)、peer (相手から)。",
		EN: "Retransmissions; by is us or peer.",
	},
	"metric.sekisho_sip_retransmissions_total.do": {
		JA: "メッセージの 100 分の 1 を超えるときは、網でパケットが失われているか、どちらかが間に合っていません。",
		EN: "Above one message in a hundred the network loses packets, or one side can't keep up.",
	},
	"metric.sekisho_sip_wait_seconds": {
		JA: "SIP メッセージがホストに届いてから、主装置が見るまでの時間。",
		EN: "From a SIP message's arrival at the host until the unit looks at it.",
	},
	"metric.sekisho_sip_wait_seconds.do": {
		JA: "余裕の目安です。20 ミリ秒を超えて待つ列が続くと、主装置は新しい通話を 503 で断りはじめます (緊急通報、通話中の操作、" +
			"登録の更新は断りません)。断っている間は 10 ミリ秒前後に保ちます。続くときは妨害を疑い、なければ CPU を増やします。",
		EN: "It shows how much room is left. When a queue above 20 ms stands, new calls are turned away with a 503 (emergency calls, " +
			"what belongs to calls that are up and registrations' refreshes are not), and it is kept at some 10 ms. If it stays so without an attack, the " +
			"machine is too small.",
	},
	"metric.sekisho_sip_connections": {JA: "開いている TCP と TLS の接続の数。", EN: "TCP and TLS connections open now."},
	"metric.sekisho_sip_connections.do": {
		JA: "TCP や TLS の電話機の数を大きく超えるときは、接続だけの攻撃です。上限があり、電話機は締め出されません。",
		EN: "Far above the number of TCP and TLS phones it is an attack by connections. There are limits; phones are not shut out.",
	},
	"metric.sekisho_filter_sources": {
		JA: "カーネルのパケットフィルター (nftables) で止めている送信元の数。voice.packet_filter が false なら常に 0。",
		EN: "Sources barred in the kernel's packet filter (nftables) now; always 0 unless voice.packet_filter is true.",
	},
	"metric.sekisho_filter_sources.do": {
		JA: "どの送信元かは `nft list table inet sekisho` とログで分かります。5 分で自動的に解除されます。",
		EN: "`nft list table inet sekisho` and the log say which. Each is let in again after 5 minutes.",
	},
	"metric.sekisho_recordings_running":              {JA: "いま録音している通話の数。", EN: "Calls that are being recorded now."},
	"metric.sekisho_recordings_running.do":           {JA: "録音するはずの通話があるのに 0 なら、sekisho doctor で確かめてください。", EN: "If 0 while calls should be recorded, ask sekisho doctor."},
	"metric.sekisho_recording_lost_seconds_total":    {JA: "ディスクが遅く、録音から抜けた時間の合計。", EN: "What was left out of recordings because the disk was too slow."},
	"metric.sekisho_recording_lost_seconds_total.do": {JA: "増えるなら、データディレクトリを速いディスクに移してください。", EN: "If it rises, move the data directory to a faster disk."},
	"metric.sekisho_recordings_full":                 {JA: "録音の上限に達したか、ディスクの空きが少なければ 1。新しい録音はしません。", EN: "1 when recordings are as large as they may be, or the disk is nearly full: no more are made."},
	"metric.sekisho_recordings_full.do":              {JA: "1 なら、いらない録音を消すか、ディスクを広げてください。", EN: "If 1, delete recordings that nobody needs, or give the disk more room."},

	"metric.sekisho_media_calls":    {JA: "音声を中継している通話の数。", EN: "Calls whose voice is relayed."},
	"metric.sekisho_media_calls.do": {JA: "sekisho_calls_up より多いまま戻らなければ不具合です。", EN: "If it stays above sekisho_calls_up it is a fault."},
	"metric.sekisho_evidence_leaves": {
		JA: "証跡に残した記録の数。減ることはありません。",
		EN: "Records in the evidence. It never falls.",
	},
	"metric.sekisho_evidence_leaves.do": {
		JA: "減ったときは古いデータベースに戻されています。sekisho evidence verify を実行してください。",
		EN: "If it falls, an older database was put in place: run sekisho evidence verify.",
	},
	"metric.sekisho_evidence_leaves_signed": {JA: "署名済みの記録の数。", EN: "Records under the last signed checkpoint."},
	"metric.sekisho_evidence_leaves_signed.do": {
		JA: "何分も sekisho_evidence_leaves に追いつかなければ、鍵かディスクを sekisho doctor で確かめます。",
		EN: "If it lags behind sekisho_evidence_leaves for minutes, ask sekisho doctor about key and disk.",
	},
	"metric.sekisho_store_commit_seconds": {
		JA: "まとめ書き 1 回がディスクに残るまでの時間。",
		EN: "How long one commit takes to be on disk.",
	},
	"metric.sekisho_store_commit_seconds.do": {
		JA: "ディスクの健康そのものです。遅くなり続けるときは交換を考えます。",
		EN: "It is the health of the disk. If it keeps growing, think of a new one.",
	},
	"metric.sekisho_store_degraded": {
		JA: "ディスクに書けなければ 1。国際電話は閉じ、緊急通報は通ります。",
		EN: "1 while nothing can be written. International calls are shut, emergency calls go through.",
	},
	"metric.sekisho_store_degraded.do": {
		JA: "すぐに知らせが届くようにし、1 になったら sekisho doctor の示すとおりに直します。",
		EN: "Have an alert on it; when it is 1, do what sekisho doctor says.",
	},
}
