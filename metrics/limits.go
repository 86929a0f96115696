package metrics

import "time"

const (
	scrapesMax    = 4                // answered at once; more get 503
	scrapeTimeMax = 10 * time.Second // of one scrape
)
