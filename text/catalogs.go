package text

// catalogs lists every part's table. Add yours here.
var catalogs = []map[Key]Sentence{
	catalogCLI,
	catalogUnit,
	catalogGate,
	catalogVerdict,
	catalogCheck,
	catalogConfig,
	catalogSystem,
	catalogEvidence,
	catalogCall,
	catalogLineFault,
	catalogUsage,
	catalogNumber,
	catalogLine,
	catalogMetrics,
}
