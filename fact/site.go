package fact

import "time"

// SitePaired says that another site is trusted, and which extensions are its own. A
// later one of the same site takes its place.
type SitePaired struct {
	Site string `json:"site"`
	// Key is the fingerprint of the key that the site proves itself by: SHA-256 of its
	// public key, hex.
	Key string `json:"key"`
	// Address is where it is reached, host:port; "" where only it connects to us.
	Address string   `json:"address,omitempty"`
	Numbers []string `json:"numbers"` // its extensions: "3xx", "300-349"
	// Public is the number outside at which its extensions are called while it is away, ""
	// for none.
	Public string `json:"public,omitempty"`
	// Outside says that it may call outside over our lines.
	Outside bool `json:"outside,omitempty"`
	// NoLamps says that it may not watch the lamps of our extensions.
	NoLamps bool `json:"no_lamps,omitempty"`
	// PickUp says that it may take calls that ring at our extensions.
	PickUp bool      `json:"pick_up,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Kind is "site.paired".
func (SitePaired) Kind() string { return "site.paired" }

// RoutingID is one for each site.
func (f SitePaired) RoutingID() string { return "site/" + f.Site }

// Gone tells that the site is trusted.
func (SitePaired) Gone() bool { return false }

// Links ties the pairing to the one before.
func (f SitePaired) Links() Links { return siteLinks(f.Site, f.By) }

// SiteUnpaired says that another site is trusted no more.
type SiteUnpaired struct {
	Site string    `json:"site"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Kind is "site.unpaired".
func (SiteUnpaired) Kind() string { return "site.unpaired" }

// RoutingID is that of the pairing.
func (f SiteUnpaired) RoutingID() string { return "site/" + f.Site }

// Gone tells that nothing is left of the pairing.
func (SiteUnpaired) Gone() bool { return true }

// Links ties the end to the pairing.
func (f SiteUnpaired) Links() Links { return siteLinks(f.Site, f.By) }

// SiteUp says that another site answers.
type SiteUp struct {
	Site string `json:"site"`
	// Omitted counts the changes between the last on record and this one: too many came
	// in a row.
	Omitted int       `json:"omitted,omitempty"`
	At      time.Time `json:"at"`
}

// Kind is "site.up".
func (SiteUp) Kind() string { return "site.up" }

// Links ties it to the pairing.
func (f SiteUp) Links() Links { return siteLinks(f.Site, "unit") }

// SiteDown says that another site answers no more.
type SiteDown struct {
	Site string `json:"site"`
	// Why is one of the words of unit/site, Status what its answer was, 0 for none.
	Why     string    `json:"why"`
	Status  int       `json:"status,omitempty"`
	Omitted int       `json:"omitted,omitempty"` // as SiteUp has it
	At      time.Time `json:"at"`
}

// Kind is "site.down".
func (SiteDown) Kind() string { return "site.down" }

// Links ties it to the pairing.
func (f SiteDown) Links() Links { return siteLinks(f.Site, "unit") }

// SiteKeyRenewed says that the unit proves itself to other sites by another key
// from now on; where that could not be put in force, a second one by the unit says that it
// is the old one again.
type SiteKeyRenewed struct {
	Key string    `json:"key"` // its fingerprint
	Old string    `json:"old,omitempty"`
	By  string    `json:"by"`
	At  time.Time `json:"at"`
}

// Kind is "site.key-renewed".
func (SiteKeyRenewed) Kind() string { return "site.key-renewed" }

// Links ties the key to the one before.
func (f SiteKeyRenewed) Links() Links {
	return Links{Subject: "site-key", Actor: f.By, Causes: []string{"site-key"}}
}

func siteLinks(site, by string) Links {
	subject := "site/" + site
	return Links{Subject: subject, Actor: by, Causes: []string{subject}}
}
