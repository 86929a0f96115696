package text

// catalogs lists every part's table. Add yours here.
var catalogs = []map[Key]Sentence{
	catalogAlert,
	catalogCLI,
	catalogBudget,
	catalogUnit,
	catalogGate,
	catalogVerdict,
	catalogPolicy,
	catalogPolicyCLI,
	catalogQuarantine,
	catalogPIN,
	catalogLamp,
	catalogMode,
	catalogCheck,
	catalogConfig,
	catalogSystem,
	catalogTempo,
	catalogEvidence,
	catalogCall,
	catalogLineFault,
	catalogUsage,
	catalogNumber,
	catalogTariff,
	catalogLine,
	catalogMetrics,
}
