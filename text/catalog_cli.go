package text

// catalogCLI is what the commands say.
var catalogCLI = map[Key]Sentence{
	"cli.short": {
		JA: "不正利用されないビジネスホンの主装置",
		EN: "A business phone system that can't be used for toll fraud",
	},
}
